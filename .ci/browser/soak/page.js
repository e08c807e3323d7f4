// A page of the soak, its network, and the states of its client.

import { EventEmitter, once } from "node:events";

import { within } from "../harness.js";
import { network } from "../network.js";
import { open } from "../pages.js";
import { exchange } from "./exchange.js";

/** Opens a page in a network of its own. */
export async function openInNetwork(browser, port) {
  const line = await network(port);
  const context = await browser.newContext();
  const page = await open(context, `http://127.0.0.1:${line.port}`);
  const tools = await context.newCDPSession(page);
  const news = new EventEmitter();
  let latest = {};
  await page.exposeFunction("report", (report) => {
    latest = report;
    news.emit("state");
  });
  /** Waits for the next state that is as described, and returns it. */
  async function becomes(describes) {
    do await within(once(news, "state"), `another state than ${latest.state}`);
    while (!describes(latest));
    return latest;
  }
  return {
    line,
    becomes,
    /** Waits for a state that is as described, if it is not there already. */
    is: (describes) => describes(latest) || becomes(describes),
    setOffline: (offline) =>
      tools.send("Network.emulateNetworkConditions", { offline, latency: 0, downloadThroughput: -1, uploadThroughput: -1 }),
    async exchange({ arrive, cut }, given) {
      await page.exposeFunction("arrive", arrive);
      await page.exposeFunction("cut", cut);
      return page.evaluate(exchange, given);
    },
    async leave() {
      await context.close();
      await line.end();
    },
  };
}
