import assert from "node:assert/strict";

import { DEADLINE, check } from "../harness.js";
import { say, scriptErrors, stateIs } from "../pages.js";
import { start } from "../programs.js";

export async function tls(browser) {
  const server = await start("tls");
  const context = await browser.newContext({ ignoreHTTPSErrors: true });

  await check("tls: the page comes over https, and its WebSocket over wss", async () => {
    const page = await context.newPage();
    page.setDefaultTimeout(DEADLINE);
    page.on("pageerror", (error) => scriptErrors.push(`tls: ${error}`));
    const devtools = await context.newCDPSession(page);
    await devtools.send("Network.enable");
    const answered = new Promise((resolve) =>
      devtools.on("Network.webSocketHandshakeResponseReceived", ({ response }) => resolve(response.status)),
    );
    const [socket] = await Promise.all([
      page.waitForEvent("websocket", { timeout: DEADLINE }),
      page.goto(String(server.url)),
    ]);
    assert.equal(socket.url(), `wss://${server.url.host}/ws`);
    // Over HTTP/2, on the connection that the page came over: an extended CONNECT is answered with 200.
    assert.equal(await answered, 200);
    await stateIs(page, "open");
    await say(page, "over TLS");
    await page.locator("#log li:not(.own)", { hasText: "over TLS" }).waitFor();
    const end = await page.evaluate(
      (url) =>
        new Promise((resolve) => {
          const socket = new WebSocket(url);
          socket.onopen = () => socket.close(4001, "bye");
          socket.onclose = ({ code, reason, wasClean }) => resolve({ code, reason, wasClean });
        }),
      socket.url(),
    );
    assert.deepEqual(end, { code: 4001, reason: "bye", wasClean: true });
  });

  // The page is open still: its connections must not hold up the end.
  await check("tls: it ends well while a page is open", () => server.stop());
  await context.close();
}
