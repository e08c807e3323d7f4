import assert from "node:assert/strict";

import { browserWith } from "../browser.js";
import { check } from "../harness.js";
import { open } from "../pages.js";
import { startServer } from "./server.js";
import { REFUSED, endpoint, inPage, newContext, transports } from "./transports.js";

const GONE = [1001, "the server is shutting down"];

/** The server stops while pages are connected, and is there again. */
export async function drains() {
  for (const { name, scheme, status, version, switches } of transports) {
    let server = await startServer();
    const context = await newContext(await browserWith(...switches));
    const origin = server.origins[scheme];
    const page = await open(context, origin);
    const here = (path, query) => endpoint(server, origin, path, query);

    await check(`${name}: a page comes back after a restart, and goes on`, async () => {
      const { url, handshake } = here("/echo");
      await inPage(page, async (url) => {
        const { ReconnectingSocket } = await import("/reconnect.js");
        globalThis.states = [];
        globalThis.messages = [];
        globalThis.coming = new ReconnectingSocket(url, {
          onState: (state) => states.push(state),
          onMessage: (data) => messages.push(data),
        });
      }, url);
      const says = async (text) => {
        await page.waitForFunction((text) => coming.send(text), text);
        await page.waitForFunction((text) => messages.includes(text), text);
      };
      await says("before");
      assert.equal((await handshake()).version, version);
      await server.stop();
      await page.waitForFunction(() => states.some(({ name }) => name === "reconnecting"));
      const [code, reason] = await inPage(page, () => {
        const { code, reason } = states.find(({ name }) => name === "reconnecting");
        return [code, reason];
      });
      assert.deepEqual([code, reason], GONE);
      server = await startServer({ at: server });
      await says("after");
      await inPage(page, () => coming.close(1000, "enough"));
      assert.deepEqual(await inPage(page, () => messages), ["before", "after"]);
    });

    for (const [code, reason, variables] of [[...GONE, {}], [1012, GONE[1], { DRAIN_CODE: "1012" }]]) {
      await check(`${name}: a drain closes with ${code}, whatever the handlers do, and the server ends well`, async () => {
        const one = await startServer(variables);
        const there = one.origins[scheme];
        const page = await open(context, there);
        const ends = [];
        for (const path of ["/echo", "/push", "/stalled", "/message", "/batch"]) {
          const { url, handshake, end } = endpoint(one, there, path, { count: 10 });
          await inPage(
            page,
            async (url) => {
              const talk = await dial(url);
              (globalThis.talks ??= []).push(talk);
              // To and fro, up to the end.
              talk.socket.addEventListener("message", ({ data }) => talk.send(data));
              talk.send("ball");
              if (!url.includes("stalled")) await talk.next();
            },
            url,
          );
          const answered = await handshake();
          assert.deepEqual([answered.version, answered.status], [version, status]);
          if (path !== "/message" && path !== "/batch") ends.push(end()); // those have nothing that could be followed
        }
        await one.stop();
        for (const seen of await inPage(page, () => Promise.all(talks.map(({ ended }) => ended)))) {
          assert.deepEqual(seen, { code, reason, wasClean: true, errors: 0 });
        }
        for (const end of await Promise.all(ends)) {
          const { subprotocol, ...cause } = end;
          assert.deepEqual(cause, { kind: "Shutdown", code, reason, clean: true, unsent: 0 });
        }
        await page.close();
      });
    }

    await check(`${name}: while the server is away a page is refused, and then all is as before`, async () => {
      await server.stop();
      assert.deepEqual(await inPage(page, (url) => attempt(url).ended, here("/echo").url), REFUSED);
      server = await startServer({ at: server });
      // A browser does not open an HTTP/2 connection for a WebSocket: something else has to.
      await inPage(page, () => fetch("/").then(() => {}));
      const { url, handshake } = here("/echo");
      const seen = await inPage(page, async (url) => (await dial(url)).close(1000), url);
      const answered = await handshake();
      assert.deepEqual([answered.version, answered.status, seen.code], [version, status, 1000]);
    });

    await context.close();
    await server.stop();
  }
}
