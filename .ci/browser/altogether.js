// A whole run of checks: what it started ends with it, however it goes.

import { closeAll } from "./browser.js";
import { check, sum } from "./harness.js";
import { killAll } from "./programs.js";

/** Runs checks for at most so many milliseconds. Says how many passed; whether all of them did. */
export async function altogether(milliseconds, checks) {
  const watchdog = setTimeout(() => {
    console.log(`FAIL the whole run took more than ${milliseconds} ms`);
    killAll();
    closeAll();
    setTimeout(() => process.exit(1), 2_000);
  }, milliseconds);
  try {
    await checks();
  } catch (error) {
    await check("the run", () => Promise.reject(error));
  } finally {
    killAll();
    await closeAll();
    clearTimeout(watchdog);
  }
  return sum();
}
