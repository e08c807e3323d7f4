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
    const line = { page, server };
    lines.add(line);
    const forward = (from, to, way) => {
      from.on("data", (data) => (loses[way] ? lost.emit(way) : to.write(data)));
      from.on("end", () => loses[way] || to.end());
      from.on("error", () => {}); // "close" follows
    };
    forward(page, server, "up");
    forward(server, page, "down");
    server.on("close", () => {
      lines.delete(line);
      page.destroySoon();
    });
    page.on("close", () => line.isForgotten || server.destroySoon());
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
