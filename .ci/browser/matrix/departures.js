import assert from "node:assert/strict";

import { browserWith, mortalBrowser } from "../browser.js";
import { check } from "../harness.js";
import { open } from "../pages.js";
import { startServer } from "./server.js";
import { endpoint, inPage, newContext, transports } from "./transports.js";

async function crash({ context, page }) {
  const crashed = page.waitForEvent("crash");
  const devtools = await context.newCDPSession(page);
  devtools.send("Page.crash").catch(() => {}); // nobody is left to answer
  await crashed;
}

/** How a page goes, and whether the browser is there to say so. */
const DEPARTURES = [
  ["navigates away", ({ page }) => page.goto("about:blank"), true],
  ["reloads", ({ page }) => page.reload(), true],
  ["is closed", ({ page }) => page.close(), true],
  ["crashes", crash, true],
  ["loses its browser context", ({ context }) => context.close(), true],
  ["loses its browser, which is killed", ({ kill }) => kill(), false],
];

/**
 * What the server sees of a page that goes without a close of its own: the browser's 1001, where there is one. Whether our
 * answer finds anybody is up to the browser, which does not wait for it. Over HTTP/2 Chromium 148 writes a 1001 too, but
 * resets the stream before it has gone out, and takes it back.
 */
function agree({ kind, code, unsent }, says, { version }) {
  const isTold = says && (version === "HTTP/1.1" || kind === "Peer");
  assert.deepEqual([kind, isTold ? code : null, unsent], isTold ? ["Peer", 1001, 0] : ["Lost", null, 0]);
}

export async function departures() {
  const server = await startServer();
  for (const transport of transports) {
    const { browser, kill } = await mortalBrowser(...transport.switches);
    const origin = server.origins[transport.scheme];
    for (const [how, leave, says] of DEPARTURES) {
      await check(`${transport.name}: the server notices that a page ${how}`, async () => {
        const context = await newContext(browser);
        const page = await open(context, origin);
        const ends = [];
        for (const path of ["/echo", "/push", "/stalled"]) {
          const { url, handshake, end } = endpoint(server, origin, path, { count: 1 });
          await inPage(page, (url) => dial(url).then(() => {}), url);
          assert.equal((await handshake()).version, transport.version);
          ends.push(end);
        }
        await leave({ page, context, kill });
        for (const end of ends) agree(await end(), says, transport);
        if (says) await context.close();
      });
    }
  }
  await Promise.all(transports.map((transport) => behindMessages(server, transport)));
  await check("departures: the server ends well", () => server.stop());
}

async function behindMessages(server, { name, scheme, version, switches }) {
  await check(`${name}: the server notices that a page is closed, behind messages that its handler does not take`, async () => {
    const context = await newContext(await browserWith(...switches));
    const origin = server.origins[scheme];
    const page = await open(context, origin);
    const { url, handshake, end } = endpoint(server, origin, "/stalled/pinging");
    const held = await inPage(
      page,
      async (url) => {
        const { socket } = await dial(url);
        for (let sent = 0; sent < 32; sent += 1) socket.send(new ArrayBuffer(1 << 20));
        return socket.bufferedAmount > 0;
      },
      url,
    );
    assert.deepEqual([held, (await handshake()).version], [true, version]);
    await page.close();
    assert.equal((await end()).kind, "Lost");
    await context.close();
  });
}
