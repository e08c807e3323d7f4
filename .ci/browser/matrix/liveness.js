import assert from "node:assert/strict";

import { browserWith } from "../browser.js";
import { check } from "../harness.js";
import { network } from "../network.js";
import { open } from "../pages.js";
import { startServer } from "./server.js";
import { endpoint, inPage, newContext, transports } from "./transports.js";

/** Pages that say nothing, and those that cannot be heard. */
export async function liveness() {
  const server = await startServer();
  // At the same time over all transports: it is time that has to pass.
  await Promise.all(transports.map((transport) => over(server, transport)));
  await check("liveness: the server ends well", () => server.stop());
}

async function over(server, { name, scheme, version, switches }) {
  const browser = await browserWith(...switches);
  const context = await newContext(browser);
  const origin = server.origins[scheme];
  const page = await open(context, origin);

  await check(`${name}: pings of every length are answered with what was in them`, async () => {
    const { url, end } = endpoint(server, origin, "/pings");
    const said = await inPage(
      page,
      async (url) => {
        const talk = await dial(url);
        const said = await talk.next();
        await talk.close(1000);
        return said;
      },
      url,
    );
    assert.deepEqual([said, (await end()).kind], ["126 pongs", "Peer"]);
  });

  const idle = check(`${name}: a page that is idle for longer than the keepalive allows stays connected`, async () => {
    const { url, handshake, end } = endpoint(server, origin, "/idle");
    const seen = await inPage(
      page,
      async (url) => {
        const talk = await dial(url);
        const said = await talk.next();
        return { said, ...(await talk.close(4000)) };
      },
      url,
    );
    assert.deepEqual(seen, { said: "still here", code: 4000, reason: "", wasClean: true, errors: 0 });
    assert.equal((await handshake()).version, version);
    assert.equal((await end()).kind, "Peer");
  });

  const unheard = check(`${name}: a page whose pongs get lost is closed with 3008`, async () => {
    const line = await network(Number(origin.port));
    const there = Object.assign(new URL(origin), { port: line.port });
    const page = await open(context, there);
    const { url, handshake, end } = endpoint(server, there, "/idle");
    await inPage(page, async (url) => void (globalThis.talk = await dial(url)), url);
    line.lose("up");
    const { code, reason } = await inPage(page, () => talk.ended);
    const why = await end();
    assert.deepEqual([why.kind, why.code, why.clean], ["KeepaliveTimeout", 3008, false]);
    assert.deepEqual([code, reason], [3008, why.reason]);
    assert.equal((await handshake()).version, version);
    await line.end();
  });

  await Promise.all([idle, unheard]);
  await context.close();
}
