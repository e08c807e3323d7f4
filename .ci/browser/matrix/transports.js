// What a page and the server can have between them.

import { fileURLToPath } from "node:url";

import { browserWith } from "../browser.js";
import { check, within } from "../harness.js";
import { open } from "../pages.js";
import { startServer } from "./server.js";

/**
 * A browser takes HTTP/2 for a WebSocket if there is a connection to the origin that speaks it and whose server allows it
 * (RFC 8441), as there is when the page came over it, and else HTTP/1.1. It speaks HTTP/2 only where TLS has agreed on it:
 * there is no `ws://` over HTTP/2.
 */
export const transports = [
  { name: "ws, HTTP/1.1", scheme: "http", version: "HTTP/1.1", status: 101, switches: [] },
  { name: "wss, HTTP/1.1", scheme: "https", version: "HTTP/1.1", status: 101, switches: ["--disable-http2"] },
  { name: "wss, HTTP/2", scheme: "https", version: "HTTP/2.0", status: 200, switches: [] },
];

const socket = fileURLToPath(new URL("socket.js", import.meta.url));
let tags = 0;

/** What a page sees of a connection that did not come to be, whatever the reason. */
export const REFUSED = { code: 1006, reason: "", wasClean: false, errors: 1 };

/** A context whose pages have `dial`, and trust whatever certificate there is. */
export async function newContext(browser) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  await context.addInitScript({ path: socket });
  return context;
}

/** Runs a function in a page. */
export const inPage = (page, run, argument) => within(page.evaluate(run, argument), "what runs in the page");

/** The URL of an endpoint, and what the server says about the connection that is made to it. */
export function endpoint(server, origin, path, query = {}) {
  const tag = String(++tags);
  const url = new URL(path, origin);
  url.protocol = url.protocol.replace("http", "ws");
  url.search = new URLSearchParams({ ...query, tag });
  return { url: url.href, handshake: () => server.handshake(tag), end: () => server.end(tag) };
}

/** Runs checks over each transport, with one server and a page for each. */
export async function overEachTransport(subject, run) {
  const server = await startServer();
  for (const transport of transports) {
    const browser = await browserWith(...transport.switches);
    const context = await newContext(browser);
    const origin = server.origins[transport.scheme];
    const page = await open(context, origin);
    await run({
      ...transport,
      server,
      browser,
      context,
      page,
      origin,
      check: (name, run) => check(`${transport.name}: ${name}`, run),
      endpoint: (path, query) => endpoint(server, origin, path, query),
      inPage: (run, argument) => inPage(page, run, argument),
    });
    await context.close();
  }
  await check(`${subject}: the server ends well`, () => server.stop());
}
