import assert from "node:assert/strict";

import { REFUSED, overEachTransport } from "./transports.js";

/** What a page is refused with, by whatever refuses it: to the page all of it looks the same. */
const REFUSALS = [
  ["/refuse/302", 302],
  ["/refuse/400", 400],
  ["/refuse/401", 401],
  ["/refuse/403", 403],
  ["/refuse/404", 404],
  ["/refuse/426", 426],
  ["/refuse/429", 429],
  ["/refuse/500", 500],
  ["/refuse/503", 503],
  ["/refuse/error", 500],
  ["/refuse/panic", 500],
  ["/close?code=many", 400], // an extractor's
  ["/full", 503], // a limit's
  ["/nowhere", 404], // the router's
  ["/", 405], // a page's, which is had by GET; over HTTP/1.1 the handshake is one
];

/** The opening handshake, as the page, the browser and the server have it. */
export const handshakes = () =>
  overEachTransport("handshakes", async ({ check, context, endpoint, inPage, page, origin, status, version }) => {
    await check("it is made over this transport, says the browser, and so does the server", async () => {
      const devtools = await context.newCDPSession(page);
      await devtools.send("Network.enable");
      const answered = new Promise((resolve) =>
        devtools.once("Network.webSocketHandshakeResponseReceived", ({ response }) => resolve(response)),
      );
      const { url, handshake } = endpoint("/echo");
      await inPage(async (url) => (await dial(url)).close(), url);
      const answer = await answered;
      const names = Object.keys(answer.headers).map((name) => name.toLowerCase());
      assert.equal(answer.status, status);
      // RFC 8441, section 5: without a key there is nothing to accept, and nothing is upgraded.
      for (const name of ["sec-websocket-accept", "connection", "upgrade"]) {
        assert.equal(names.includes(name), status === 101, name);
      }
      const seen = await handshake();
      assert.deepEqual([seen.version, seen.status, seen.origin], [version, status, origin.origin]);
      await devtools.detach();
    });

    await check("no extension is agreed on, though the browser offers one", async () => {
      const { url, handshake } = endpoint("/echo");
      const extensions = await inPage(async (url) => {
        const talk = await dial(url);
        await talk.close();
        return talk.socket.extensions;
      }, url);
      assert.equal(extensions, "");
      assert.match((await handshake())["sec-websocket-extensions"], /permessage-deflate/);
    });

    await check("a subprotocol is agreed on: the one that the server prefers, if it was offered", async () => {
      for (const [path, protocols, agreed] of [
        ["/subprotocol", ["v1", "v2"], "v2"],
        ["/subprotocol", ["v3", "v1"], "v1"],
        ["/subprotocol", "v1", "v1"],
        ["/subprotocol", [], ""],
        ["/echo", [], ""],
      ]) {
        const { url, end } = endpoint(path);
        const protocol = await inPage(
          async ({ url, protocols }) => {
            const talk = await dial(url, { protocols });
            await talk.close(1000);
            return talk.socket.protocol;
          },
          { url, protocols },
        );
        assert.deepEqual([protocol, (await end()).subprotocol], [agreed, agreed || null]);
      }
    });

    await check("none in common: the server leaves it to the browser, which gives up", async () => {
      for (const [path, protocols] of [["/subprotocol", ["v3"]], ["/echo", ["v1"]]]) {
        const { url, handshake, end } = endpoint(path);
        const seen = await inPage(({ url, protocols }) => attempt(url, { protocols }).ended, { url, protocols });
        assert.deepEqual(seen, REFUSED);
        assert.equal((await handshake()).status, status);
        const { kind, subprotocol } = await end();
        assert.deepEqual([kind, subprotocol], ["Lost", null]);
      }
    });

    await check("the page's cookies come with it, those that no script can read included", async () => {
      const { url, handshake } = endpoint("/echo");
      await inPage(async (url) => {
        document.cookie = "mine=from the page; Path=/echo";
        document.cookie = "elsewhere=yes; Path=/push";
        await (await dial(url)).close();
      }, url);
      const expected = { mine: "from the page", session_id: "from the server", strict: "yes" };
      assert.deepEqual((await handshake()).cookies, expected);
    });

    for (const [path, expected] of REFUSALS) {
      const status = path === "/" && version === "HTTP/1.1" ? 200 : expected;
      await check(`a refusal is an HTTP response; ${path} is ${status}, and for the page it is 1006 and an error`, async () => {
        const { pathname, searchParams } = new URL(path, origin);
        const { url, handshake } = endpoint(pathname, Object.fromEntries(searchParams));
        const seen = await inPage((url) => attempt(url).ended, url);
        assert.deepEqual(seen, REFUSED);
        const answered = await handshake();
        assert.deepEqual([answered.version, answered.status], [version, status]);
      });
    }

    await check("fetched, an endpoint says that it takes WebSockets only", async () => {
      const { url } = endpoint("/echo");
      const answer = await inPage(async (url) => (await fetch(url.replace(/^ws/, "http"))).status, url);
      assert.equal(answer, version === "HTTP/2.0" ? 400 : 426); // over HTTP/2 nothing can be upgraded
    });
  });
