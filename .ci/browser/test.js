// A real browser: the pages of the examples, and the matrix, which is everything that a page can see of a WebSocket, over
// every transport that there is.
//
//     cargo build -p examples && cargo build --example browser-server
//     cd .ci/browser && npm install && npm test [-- <directory of the binaries> [<subject> ..]]
//
// The subject `longSoak` is the only one that runs only by its name: it takes minutes.
//
// Chromium is Debian's (`apt-get install chromium`), or the one that the variable CHROMIUM names.

import assert from "node:assert/strict";

import { altogether } from "./altogether.js";
import { browserWith } from "./browser.js";
import { accessibility } from "./examples/accessibility.js";
import { auth } from "./examples/auth.js";
import { axumApp } from "./examples/axum_app.js";
import { chat } from "./examples/chat.js";
import { counter } from "./examples/counter.js";
import { supportDesk } from "./examples/support_desk.js";
import { tls } from "./examples/tls.js";
import { typedChat } from "./examples/typed_chat.js";
import { check } from "./harness.js";
import { departures } from "./matrix/departures.js";
import { drains } from "./matrix/drains.js";
import { handshakes } from "./matrix/handshakes.js";
import { liveness } from "./matrix/liveness.js";
import { messages } from "./matrix/messages.js";
import { origins } from "./matrix/origins.js";
import { pageCloses } from "./matrix/page_closes.js";
import { serverCloses } from "./matrix/server_closes.js";
import { scriptErrors } from "./pages.js";
import { longSoak, soak } from "./soak/soak.js";

const ALTOGETHER = 300_000;

const examples = [chat, auth, tls, axumApp, counter, typedChat, supportDesk, accessibility];
const matrix = [handshakes, origins, messages, liveness, serverCloses, pageCloses, departures, drains];
const subjects = [...examples, ...matrix, soak];
const known = [...subjects, longSoak];
const wanted = process.argv.slice(3);
const chosen = wanted.length === 0 ? subjects : wanted.map((name) => known.find((subject) => subject.name === name));

const passed = await altogether(ALTOGETHER, async () => {
  assert(chosen.every(Boolean), `the subjects are ${known.map(({ name }) => name).join(", ")}`);
  const browser = await browserWith();
  for (const subject of chosen) {
    // What goes wrong outside a check (a program that does not start or end) counts as well.
    await subject(browser).catch((error) => check(subject.name, () => Promise.reject(error)));
  }
  await check("no page had an error in its scripts", () => assert.deepEqual(scriptErrors, []));
});

process.exitCode = passed ? 0 : 1;
