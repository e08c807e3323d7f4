// The pages of the examples in a real browser.
//
//     cargo build -p examples && cd .ci/browser && npm install && npm test [-- <directory of the binaries> [<subject> ..]]
//
// Chromium is Debian's (`apt-get install chromium`), or the one that the variable CHROMIUM names.

import assert from "node:assert/strict";

import { closeAll, launch } from "./browser.js";
import { auth } from "./examples/auth.js";
import { axumApp } from "./examples/axum_app.js";
import { chat } from "./examples/chat.js";
import { counter } from "./examples/counter.js";
import { tls } from "./examples/tls.js";
import { typedChat } from "./examples/typed_chat.js";
import { check, sum } from "./harness.js";
import { scriptErrors } from "./pages.js";
import { killAll } from "./programs.js";

const ALTOGETHER = 180_000;

const watchdog = setTimeout(() => {
  console.log(`FAIL the whole run took more than ${ALTOGETHER} ms`);
  killAll();
  closeAll();
  setTimeout(() => process.exit(1), 2_000);
}, ALTOGETHER);

const subjects = [chat, auth, tls, axumApp, counter, typedChat];
const wanted = process.argv.slice(3);
const chosen = wanted.length === 0 ? subjects : wanted.map((name) => subjects.find((subject) => subject.name === name));

try {
  assert(chosen.every(Boolean), `the subjects are ${subjects.map(({ name }) => name).join(", ")}`);
  const browser = await launch();
  for (const subject of chosen) {
    // What goes wrong outside a check (a program that does not start or end) counts as well.
    await subject(browser).catch((error) => check(subject.name, () => Promise.reject(error)));
  }
  await check("no page had an error in its scripts", () => assert.deepEqual(scriptErrors, []));
} catch (error) {
  await check("the run", () => Promise.reject(error));
} finally {
  killAll();
  await closeAll();
  clearTimeout(watchdog);
}

process.exitCode = sum() ? 0 : 1;
