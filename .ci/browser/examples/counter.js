import assert from "node:assert/strict";

import { check } from "../harness.js";
import { madeUpServer } from "../made_up.js";
import { open, sees, stateIs } from "../pages.js";
import { start } from "../programs.js";

export async function counter(browser) {
  let server = await start("counter");
  const context = await browser.newContext();
  const one = await open(context, server.url);
  const other = await open(context, server.url);

  /** Fills in the form of a page, and submits it by the keyboard. */
  async function ask(page, name, by, button) {
    await page.fill("#name", name);
    if (by !== undefined) await page.fill("#by", String(by));
    await page.press(button ? `#request button[value=${button}]` : "#name", "Enter");
  }

  await check("counter: a request is answered, and the counters are everybody's", async () => {
    for (const page of [one, other]) await stateIs(page, "open");
    await ask(one, "pears", 3);
    await sees(one, /pears is 3$/);
    await ask(other, "pears", 0, "get");
    await sees(other, /pears is 3$/);
    await ask(other, "pears", 0, "reset");
    await sees(other, /pears was 3$/);
  });

  await check("counter: ten requests at once, each with its own reply", async () => {
    await one.fill("#by", "1");
    await ask(one, "plums", 1, "many");
    const replies = one.locator("#log li:not(.unconfirmed) span", { hasText: /^plums is/ });
    await replies.nth(9).waitFor();
    assert.deepEqual(await replies.allTextContents(), [...Array(10).keys()].map((n) => `plums is ${n + 1}`));
  });

  await check("counter: errors are shown with the requests that they answer", async () => {
    await ask(one, "grapes", 1, "get");
    await sees(one, /get grapes.*nobody has added to this counter \(unknown_counter\)$/, ".error");
    await ask(one, "plums", Number.MAX_SAFE_INTEGER);
    await sees(one, /\(overflow\)$/, ".error");
    await ask(one, "", 1);
    await sees(one, /\(bad_name\)$/, ".error");
    await ask(one, "plums", 1, "get");
    await sees(one, /plums is 10$/);
  });

  await check("counter: names are text, never HTML", async () => {
    await ask(one, "<b>bold</b><i></i>", 1);
    await sees(one, "<b>bold</b><i></i> is 1");
    assert.equal(await one.locator("#log b, #log i").count(), 0);
  });

  await check("counter: replies are told apart by their ids, in whatever order they come", async () => {
    const { context, page, received } = await madeUpServer(browser, server.url);
    for (const name of ["a", "b", "c"]) await ask(page, name, 0, "get");
    const { socket, messages } = await received(3);
    const [a, b, c] = messages.map(({ id }) => id);
    assert.equal(new Set([a, b, c]).size, 3);
    socket.send(JSON.stringify({ id: c, type: "value", name: "c", value: 3 }));
    socket.send(JSON.stringify({ id: a, type: "$error", code: "no", message: "not this one" }));
    socket.send(JSON.stringify({ id: "unheard of", type: "value", name: "d", value: 4 }));
    await sees(page, "get cc is 3");
    await sees(page, "get anot this one (no)", ".error");
    assert.equal(await page.locator("#log li.unconfirmed").textContent(), "get b…");
    await socket.close({ code: 1012, reason: "restart" });
    await sees(page, "get bthe connection ended before the reply", ".error");
    await stateIs(page, "open");
    await ask(page, "d", 0, "get");
    const { socket: next } = await received(4);
    await next.close({ code: 1008, reason: "enough" });
    await sees(page, "get dthe client is closed (1008: enough)", ".error");
    assert.equal(await page.locator("#log li").count(), 4);
    await context.close();
  });

  await check("counter: the server stops and comes back; so do the pages", async () => {
    await server.stop();
    await one.locator("#state", { hasText: /^reconnecting in \d+ s \(10\d\d/ }).waitFor();
    assert(await one.locator("#request button.primary").isDisabled());
    server = await start("counter", server.port);
    await stateIs(one, "open");
    await ask(one, "pears", 7);
    await sees(one, /pears is 7$/);
  });

  await context.close();
  await server.stop();
}
