import assert from "node:assert/strict";

import { browserWith } from "../browser.js";
import { check } from "../harness.js";
import { open } from "../pages.js";
import { startServer } from "./server.js";
import { REFUSED, endpoint, inPage, newContext, transports } from "./transports.js";

const LET_IN = { code: 1000, reason: "", wasClean: true, errors: 0 };

/** The same server under a name that browsers take for another site. */
const named = (url, hostname) => Object.assign(new URL(url), { hostname });

/** Which pages may connect: those of a server of their own, so that only the port need differ. */
export async function origins() {
  const pages = await startServer();
  const { http, https } = pages.origins;
  const foreign = { http: named(http, "localhost"), https: named(https, "localhost") };
  const server = await startServer({ ALLOWED_ORIGINS: `${foreign.http.origin},${foreign.https.origin}` });
  const { http: ws, https: wss } = server.origins;

  /** Whose page; over what; the server; then what `/echo` (the default), `/same-origin`, `/allowed` and `/any` say. */
  const TABLE = [
    ["of the same origin", ws, [], ws, [101, 101, 403, 101]],
    ["of the same origin", wss, ["--disable-http2"], wss, [101, 101, 403, 101]],
    ["of the same origin", wss, [], wss, [200, 200, 403, 200]],
    ["from another port", http, [], ws, [101, 403, 403, 101]],
    ["from another port", https, ["--disable-http2"], wss, [101, 403, 403, 101]],
    ["from another port", https, [], wss, [200, 403, 403, 200]],
    ["from another host", foreign.http, [], ws, [403, 403, 101, 101]],
    ["from another host", foreign.https, ["--disable-http2"], wss, [403, 403, 101, 101]],
    ["from another host", foreign.https, [], wss, [403, 403, 200, 200]],
    ["that came without TLS", http, [], wss, [403, 403, 403, 200]],
    ["in a sandbox", "null", [], ws, [403, 403, 403, 101]],
    ["in a sandbox", "null", [], wss, [403, 403, 403, 200]],
  ];

  for (const [whose, from, switches, to, statuses] of TABLE) {
    const context = await newContext(await browserWith(...switches));
    const sandbox = from === "null";
    const page = await open(context, sandbox ? to : from);
    const version = statuses.includes(200) ? "HTTP/2.0" : "HTTP/1.1";
    let frame = page;
    if (sandbox) {
      await page.setContent('<iframe sandbox="allow-scripts" srcdoc="<p>A frame</p>"></iframe>');
      await page.frameLocator("iframe").locator("p").waitFor();
      frame = page.frames()[1];
    }
    // A browser takes HTTP/2 for a WebSocket only if it speaks it with that server already.
    await inPage(frame, (url) => fetch(url, { mode: "no-cors", credentials: "include" }).then(() => {}), to.href);

    const how = transports.find((transport) => server.origins[transport.scheme] === to && transport.version === version).name;
    const sameSite = from.hostname === to.hostname && from.protocol === to.protocol;
    await check(`${how}: a page ${whose}`, async () => {
      for (const [at, path] of ["/echo", "/same-origin", "/allowed", "/any"].entries()) {
        const { url, handshake } = endpoint(server, to, path);
        const seen = await inPage(
          frame,
          async (url) => {
            const talk = attempt(url);
            talk.opened.then(() => talk.close(1000)).catch(() => {});
            return talk.ended;
          },
          url,
        );
        const { cookies, ...answered } = await handshake();
        const status = statuses[at];
        assert.deepEqual([answered.version, answered.status], [version, status], path);
        assert.deepEqual(seen, status === 403 ? REFUSED : LET_IN, path);
        assert.equal(answered.origin, from.origin ?? from, path);
        // What a page of another site must not make a browser send, it does not.
        assert.equal(cookies.strict, sameSite ? "yes" : undefined, path);
      }
    });
    await context.close();
  }

  await check("origins: the servers end well", () => Promise.all([pages.stop(), server.stop()]));
}
