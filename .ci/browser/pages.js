// What is done with a page of the examples, and seen in it.

import { DEADLINE } from "./harness.js";

/** Errors in the scripts of all pages: there must be none. */
export const scriptErrors = [];

/** Opens a page whose errors are noted. */
export async function open(context, url) {
  const page = await context.newPage();
  page.setDefaultTimeout(DEADLINE);
  page.on("pageerror", (error) => scriptErrors.push(`${url}: ${error}`));
  await page.goto(String(url));
  return page;
}

export const stateIs = (page, name) => page.locator(`#state[data-state="${name}"]`).waitFor();
export const stateText = (page) => page.locator("#state").textContent();
export const sees = (page, text, kind = "") => page.locator(`#log li${kind}`, { hasText: text }).waitFor();

export async function say(page, text) {
  await page.fill("#text", text);
  await page.press("#text", "Enter");
}
