// The page of the console, in a real browser.
//
//     npm --prefix .ci/browser install && npm --prefix .ci/console install
//     node .ci/console/test.js [<URL of a console>] [<subject> ..]
//
// Without a URL, the server is that of `server.js`. A subject runs if the server has the endpoint
// that it is about.

import assert from "node:assert/strict";

import { altogether } from "../browser/altogether.js";
import { browserWith } from "../browser/browser.js";
import { check, within } from "../browser/harness.js";
import { anyServer } from "./any_server.js";
import { board } from "./board.js";
import { mistakes } from "./console_page.js";
import { jobs } from "./jobs.js";
import { raw } from "./raw.js";
import { room } from "./room.js";
import { start } from "./server.js";
import { shapes } from "./shapes.js";

const ALTOGETHER = 120_000;

const given = process.argv.slice(2).find((argument) => argument.startsWith("http"));
const wanted = process.argv.slice(2).filter((argument) => argument !== given);
const local = given ? null : await start();

const passed = await altogether(ALTOGETHER, async () => {
  const url = given ?? local.url;
  const response = await within(fetch(new URL("asyncapi.json", url)), url);
  const server = { url, contract: await response.json(), handshakes: local?.handshakes };
  const browser = await browserWith();
  for (const subject of [anyServer, room, board, jobs, shapes, raw]) {
    const { name } = subject;
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    if (subject !== anyServer && !(name in server.contract.channels)) {
      console.log(`--   ${name}: the server has no such endpoint`);
      continue;
    }
    // What goes wrong outside a check counts as well.
    await subject(browser, server).catch((error) => check(name, () => Promise.reject(error)));
  }
  await check("no page had an error in its scripts, or broke its policy", () =>
    assert.deepEqual(mistakes, []),
  );
});

local?.stop();
process.exitCode = passed ? 0 : 1;
