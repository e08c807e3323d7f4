import assert from "node:assert/strict";

import { check } from "../harness.js";
import { open, say, sees, stateIs, stateText } from "../pages.js";
import { start } from "../programs.js";
import { backOff } from "./back_off.js";

export async function chat(browser) {
  let server = await start("chat");
  const context = await browser.newContext();
  const room = (name, who) => new URL(`/?room=${name}&name=${who}`, server.url);
  const ann = await open(context, room("lobby", "ann"));
  const bob = await open(context, room("lobby", "bob"));
  const eve = await open(context, room("attic", "eve"));

  await check("chat: the pages show that they are open, and who is there", async () => {
    for (const page of [ann, bob, eve]) {
      await stateIs(page, "open");
      assert.equal(await stateText(page), "open");
    }
    for (const page of [ann, bob]) await page.locator("#members", { hasText: "2 members in “lobby”" }).waitFor();
    await eve.locator("#members", { hasText: "1 member in “attic”" }).waitFor();
  });

  await check("chat: messages arrive, both ways", async () => {
    await say(ann, "hello bob");
    await sees(bob, "hello bob");
    await say(bob, "hello ann");
    await sees(ann, "hello ann");
    await sees(ann, "hello bob", ".own:not(.unconfirmed)");
  });

  await check("chat: what somebody types is text, never HTML", async () => {
    await say(ann, `<img src="x" onerror="document.title = 'pwned'"><b>bold</b>`);
    await sees(bob, "<b>bold</b>");
    assert.equal(await bob.locator("#log img, #log b").count(), 0);
  });

  await check("chat: the server stops; the pages say that they reconnect, and keep what is typed", async () => {
    await server.stop();
    for (const page of [ann, bob]) {
      // It may be about to try again: wait for the words, not for a moment.
      await page.locator("#state", { hasText: /^reconnecting in \d+ s \(10\d\d/ }).waitFor();
      await page.locator("#reconnect:not([hidden])").waitFor({ state: "attached" });
    }
    await say(ann, "said while nobody listens");
    await sees(ann, "waiting to be delivered", ".own.unconfirmed");
  });

  await check("chat: the server is back on the same port; messages flow again, none is lost", async () => {
    server = await start("chat", server.port);
    for (const page of [ann, bob]) await stateIs(page, "open");
    await sees(ann, "said while nobody listens", ".own:not(.unconfirmed)");
    await say(bob, "there you are");
    await sees(ann, "there you are");
    await say(ann, "back again");
    await sees(bob, "back again");
  });

  await check("chat: nothing crossed into the other room", async () => {
    await say(eve, "the last word");
    await sees(eve, "the last word", ".own:not(.unconfirmed)");
    assert.deepEqual(await eve.locator("#log li:not(.note)").allTextContents(), ["the last word"]);
  });

  await context.close();
  await backOff(browser, room("lobby", "ann"));
  await server.stop();
}
