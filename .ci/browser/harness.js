// Checks, and how long they may take.

export const DEADLINE = 20_000; // for every wait

let passed = 0;
let failed = 0;

/** Runs one check; the others go on when it fails. */
export async function check(name, run) {
  try {
    await run();
    passed += 1;
    console.log(`ok   ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL ${name}\n     ${String(error?.stack ?? error).replaceAll("\n", "\n     ")}`);
  }
}

/** What a wait comes to: it fails after a while, and says what did not happen. */
export function within(promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing happened in ${DEADLINE} ms`)), DEADLINE);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Says how many checks passed; whether all of them did. */
export function sum() {
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0;
}
