// The clients that are browsers: what they have in common is a page of the server.

import { browserWith } from "../browser/browser.js";
import { within } from "../browser/harness.js";
import { exchange } from "./exchange.js";
import { messages } from "./messages.js";

/** A page of the server at `url`. It gets the messages first: they are large. `call` runs a function in the page. */
export async function page(url, { version, goto, call, close }) {
  await within(goto(String(url)), "the page");
  await call("(messages) => void (globalThis.messages = messages)", messages);
  return {
    version,
    exchange: (url) => within(call(`(url) => (${exchange})({ url, messages })`, url), "what runs in the page"),
    close,
  };
}

export async function chromiumPage(url, ...switches) {
  const browser = await browserWith(...switches);
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const opened = await context.newPage();
  return page(url, {
    version: `Chromium ${browser.version()}`,
    goto: (url) => opened.goto(url),
    call: (run, argument) => opened.evaluate(`(${run})(${JSON.stringify(argument)})`),
    close: () => context.close(),
  });
}
