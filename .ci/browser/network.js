// The network between a page and a server: it can lose what is under way, and be cut.

import { EventEmitter, once } from "node:events";
import { connect, createServer } from "node:net";

import { within } from "./harness.js";

export async function network(port) {
  const lines = new Set();
  const lost = new EventEmitter();
  const loses = { up: false, down: false };
  let isUp = true;
  const proxy = createServer((page) => {
    if (!isUp) return page.resetAndDestroy();
    const server = connect(port, "127.0.0.1");
    const line = { page, server, isSwallowed: false };
    lines.add(line);
    const forward = (from, to, way) => {
      from.on("data", (data) => {
        if (line.isSwallowed) return;
        if (loses[way]) lost.emit(way);
        else to.write(data);
      });
      from.on("end", () => loses[way] || line.isSwallowed || to.end());
      from.on("error", () => {}); // "close" follows
    };
    forward(page, server, "up");
    forward(server, page, "down");
    const isOver = () => page.destroyed && server.destroyed && lines.delete(line);
    server.on("close", () => isOver() || line.isSwallowed || page.destroySoon());
    page.on("close", () => isOver() || line.isForgotten || line.isSwallowed || server.destroySoon());
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  return {
    port: proxy.address().port,
    /** From now on what goes "up", or "down", gets nowhere; `next` is when something does not. */
    lose(way) {
      loses[way] = true;
      return { next: () => within(once(lost, way), "something to lose") };
    },
    /** From now on nothing gets through what is open, not even its end; what is opened then is well. */
    swallow() {
      for (const line of lines) line.isSwallowed = true;
    },
    /** Ends all that is open, on both sides. */
    reset() {
      for (const { page, server } of lines) for (const socket of [page, server]) socket.resetAndDestroy();
    },
    /** Ends all that is open, and lets nothing in. The server need not notice: `bury` tells it. */
    cut({ silently = false } = {}) {
      isUp = false;
      for (const line of lines) {
        line.isForgotten = silently;
        line.page.resetAndDestroy();
        if (!silently) line.server.resetAndDestroy();
      }
    },
    bury() {
      for (const { page, server } of lines) if (page.destroyed) server.resetAndDestroy();
    },
    /** All is well again; a browser notices. */
    async mend(page) {
      loses.up = loses.down = false;
      isUp = true;
      await page.evaluate(() => dispatchEvent(new Event("online")));
    },
    async end() {
      this.cut();
      proxy.close();
      await within(once(proxy, "close"), "the end of the network");
    },
  };
}
