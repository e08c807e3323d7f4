import assert from "node:assert/strict";

import { browserThatKeepsPages } from "../browser.js";
import { check } from "../harness.js";
import { madeUpServer } from "../made_up.js";
import { network } from "../network.js";
import { open, say, sees, stateIs } from "../pages.js";
import { start } from "../programs.js";

/** What was said, as a page has it. */
const said = (page) => page.locator("#log li:not(.note)").evaluateAll((items) => items.map((item) => item.lastChild.textContent));

const lostNote = (page) => page.locator("#log .note", { hasText: "you may have missed messages" });

export async function typedChat(browser) {
  let server = await start("typed_chat");
  const context = await browser.newContext();
  const room = (name, who, port = server.port) => new URL(`http://127.0.0.1:${port}/?${new URLSearchParams({ room: name, name: who })}`);
  const line = await network(server.port);
  const ann = await open(context, room("lobby", "ann", line.port));
  await stateIs(ann, "open");
  const bob = await open(context, room("lobby", "b/o?b é"));
  await stateIs(bob, "open");
  const eve = await open(context, room("attic", "eve"));
  const here = (page, names) => page.locator("#members", { hasText: names }).waitFor();

  await check("typed_chat: the pages show who is there", async () => {
    await here(ann, /^ann \(you\), b\/o\?b é$/);
    await here(bob, /^ann, b\/o\?b é \(you\)$/);
    await here(eve, /^eve \(you\)$/);
    await sees(ann, "b/o?b é joined.", ".note");
    for (const page of [ann, bob, eve]) assert.equal(await lostNote(page).count(), 0);
  });

  await check("typed_chat: messages arrive, both ways, as text, and only in their room", async () => {
    await say(ann, `hello <b>bob</b><img src="x">`);
    await sees(bob, "annhello <b>bob</b>");
    await sees(ann, "hello", ".own:not(.unconfirmed)");
    await say(bob, "hello ann");
    await sees(ann, "b/o?b éhello ann");
    await say(eve, "the only word");
    await sees(eve, "Nobody else is here.", ".note");
    assert.equal(await bob.locator("#log img, #log b").count(), 0);
    assert.deepEqual(await said(eve), ["the only word"]);
  });

  await check("typed_chat: what is too long is refused with a reason, and is there to be corrected", async () => {
    const text = "x".repeat(501);
    await say(ann, text);
    await sees(ann, "a text has 1 to 500 characters", ".own.error");
    assert.equal(await ann.inputValue("#text"), text);
    await ann.press("#text", "End");
    await ann.press("#text", "Backspace");
    await ann.press("#text", "Enter");
    await sees(bob, text.slice(1));
    await sees(ann, text.slice(1), ".own:not(.unconfirmed):not(.error)");
    assert.equal(await ann.inputValue("#text"), "");
  });

  await check("typed_chat: who leaves is away until it comes back, and hears then what was said meanwhile", async () => {
    await bob.press("#leave", "Enter");
    await bob.locator("#state", { hasText: "closed (1000: you left)" }).waitFor();
    await sees(ann, "b/o?b é left.", ".note");
    await here(ann, /^ann \(you\)$/);
    await say(ann, "about bob");
    await sees(ann, "about bob", ".own:not(.unconfirmed)");
    await bob.press("#reconnect", "Enter");
    await sees(bob, "annabout bob");
    await here(ann, /^ann \(you\), b\/o\?b é$/);
    await here(bob, /^ann, b\/o\?b é \(you\)$/);
  });

  await check("typed_chat: a cut loses nothing, either way: all is on both pages, once, in the same order", async () => {
    const before = (await said(bob)).length;
    const sinceThen = async (page) => (await said(page)).slice(-5);
    // What ann says arrives, but she does not hear of it, nor of anything else;
    line.lose("down");
    await say(ann, "heard");
    await sees(bob, "annheard");
    await say(bob, "do you hear me?");
    await sees(bob, "do you hear me?", ".own:not(.unconfirmed)");
    // then it does not even arrive;
    const { next } = line.lose("up");
    const swallowed = next();
    await say(ann, "lost on its way");
    await swallowed;
    assert.equal(await ann.locator("#log .unconfirmed").count(), 2);
    // then there is no connection at all, and both go on talking.
    line.cut();
    await here(bob, /^b\/o\?b é \(you\)$/);
    await ann.locator("#state:not([data-state=open])").waitFor();
    await ann.locator("#members:empty").waitFor({ state: "attached" });
    await say(bob, "are you there?");
    await say(ann, "said to nobody");
    await sees(ann, "waiting to be deliveredsaid to nobody", ".own.unconfirmed");

    await line.mend(ann);
    const all = ["heard", "do you hear me?", "are you there?", "lost on its way", "said to nobody"];
    await sees(ann, "said to nobody", ".own:not(.unconfirmed)");
    await sees(bob, "annsaid to nobody");
    for (const page of [ann, bob]) assert.deepEqual(await sinceThen(page), all);
    assert.equal((await said(bob)).length, before + all.length);
    assert.equal(await ann.locator("#log .unconfirmed").count(), 0);
    await sees(ann, "You were disconnected.", ".note");
    for (const page of [ann, bob]) assert.equal(await lostNote(page).count(), 0);
    await here(ann, /^b\/o\?b é, ann \(you\)$/);
    await here(bob, /^b\/o\?b é \(you\), ann$/);
  });

  await check("typed_chat: cuts at any moment, while both pages talk", async () => {
    const COUNT = 40;
    const texts = (name) => [...Array(COUNT).keys()].map((n) => `${name} ${n}.`);
    const talk = async (page, name, then) => {
      for (const [n, text] of texts(name).entries()) {
        await say(page, text);
        await then(n);
      }
    };
    await Promise.all([
      talk(bob, "b", () => {}),
      talk(ann, "a", async (n) => {
        if (n % 8 === 5) line.cut();
        if (n % 8 === 7) await line.mend(ann);
      }),
    ]);
    await line.mend(ann);
    for (const page of [ann, bob]) {
      await page.waitForFunction((all) => {
        const items = [...document.querySelectorAll("#log li:not(.note):not(.unconfirmed)")];
        return items.slice(-all).every((item) => /^[ab] \d+\.$/.test(item.lastChild.textContent));
      }, 2 * COUNT);
    }
    // The last word: what was said twice by mistake would be there by now.
    await say(bob, "amen");
    for (const page of [ann, bob]) await sees(page, "amen", ":not(.unconfirmed)");
    const [one, other] = [await said(ann), await said(bob)].map((all) => all.slice(-2 * COUNT - 1));
    assert.deepEqual(one, other);
    assert.deepEqual([...one].sort(), [...texts("a"), ...texts("b"), "amen"].sort());
    // Of each, in the order in which it was said.
    for (const name of ["a", "b"]) assert.deepEqual(one.filter((text) => text.startsWith(`${name} `)), texts(name));
  });

  await check("typed_chat: who was cut off without the server's knowledge is there twice, until it finds out", async () => {
    await here(ann, /^b\/o\?b é, ann \(you\)$/);
    line.cut({ silently: true });
    await ann.locator("#state:not([data-state=open])").waitFor();
    await line.mend(ann);
    await here(ann, /^b\/o\?b é, ann, ann \(you\)$/);
    await here(bob, /^b\/o\?b é \(you\), ann, ann$/);
    line.bury();
    await here(ann, /^b\/o\?b é, ann \(you\)$/);
    await here(bob, /^b\/o\?b é \(you\), ann$/);
    await say(ann, "only one of me");
    await sees(bob, "annonly one of me");
  });

  await check("typed_chat: who closes its page has left", async () => {
    await eve.goto(String(room("lobby", "eve")));
    await here(ann, /^b\/o\?b é, ann \(you\), eve$/);
    await eve.close();
    await here(ann, /^b\/o\?b é, ann \(you\)$/);
  });

  await check("typed_chat: a restart forgets the history; the pages say so, and go on", async () => {
    await server.stop();
    for (const page of [ann, bob]) await page.locator("#state", { hasText: /^reconnecting in \d+ s \(10\d\d/ }).waitFor();
    await say(ann, "typed while nobody listens");
    await sees(ann, "waiting to be delivered", ".own.unconfirmed");
    server = await start("typed_chat", server.port);
    for (const page of [ann, bob]) {
      await lostNote(page).waitFor();
      await stateIs(page, "open");
    }
    await sees(ann, "typed while nobody listens", ".own:not(.unconfirmed):not(.error)");
    await say(bob, "here we are again");
    await sees(ann, "b/o?b éhere we are again");
    for (const page of [ann, bob]) {
      await here(page, /ann/);
      await here(page, /b\/o\?b é/);
      assert.equal(await lostNote(page).count(), 1);
    }
  });

  await check("typed_chat: a page that is left has left the room, and is back where it is shown again", async () => {
    // A browser of its own: the driver switches the back/forward cache off.
    const caching = await browserThatKeepsPages();
    const context = await caching.newContext();
    const cat = await open(context, room("lobby", "cat"));
    await stateIs(cat, "open");
    await sees(ann, "cat joined.", ".note");
    await cat.evaluate(() => {
      addEventListener("pageshow", ({ persisted }) => (window.wasKept = persisted));
      window.isTheSame = true;
    });
    for (const round of [1, 2]) {
      await cat.goto(`http://127.0.0.1:${server.port}/style.css`);
      // At once, not when the browser throws the page away.
      await ann.locator("#log li.note", { hasText: "cat left." }).nth(round - 1).waitFor();
      await say(ann, `about cat ${round}`);
      await sees(ann, `about cat ${round}`, ".own:not(.unconfirmed)");
      await cat.goBack({ waitUntil: "commit" });
      assert.deepEqual(await cat.evaluate(() => [window.isTheSame, window.wasKept]), [true, true]);
      await stateIs(cat, "open");
      await sees(cat, `annabout cat ${round}`);
      await ann.locator("#log li.note", { hasText: "cat joined." }).nth(round).waitFor();
    }
    assert.equal(await lostNote(cat).count(), 0);
    // What was closed for good stays so.
    await cat.press("#leave", "Enter");
    await stateIs(cat, "closed");
    await cat.goto(`http://127.0.0.1:${server.port}/style.css`);
    await cat.goBack({ waitUntil: "commit" });
    await stateIs(cat, "closed");
    await context.close();
  });

  await context.close();
  await line.end();

  await check("typed_chat: what the page makes of the welcome, and of what comes before it", async () => {
    const { context, page, received, opened } = await madeUpServer(browser, room("lobby", "ann"));
    const log = () => page.locator("#log li").allTextContents();
    const tell = (socket, ...events) => events.forEach((event) => socket.send(JSON.stringify(event)));
    const says = (key, at) => ({ type: "said", name: "bob", key, text: key, $at: `e00000000.${at}` });
    const resumed = (fields) => ({ type: "$resumed", room: "lobby", ...fields });
    const welcome = { type: "welcome", you: 2, members: [[1, "bob"], [2, "ann"]] };
    const positions = (socket) => new URL(socket.url()).searchParams.getAll("$at");

    // The welcome is taken first, and what came before it in its order.
    let socket = await opened(1);
    assert.deepEqual(positions(socket), []);
    await say(page, "am I heard?");
    let { messages } = await received(1);
    const [{ id, key }] = messages;
    assert.deepEqual(messages, [{ type: "say", key, text: "am I heard?", id }]);
    tell(socket, { type: "$joined", room: "lobby", $at: "e00000000.0" }, says("one", 1), { type: "left", who: 1, name: "bob", $at: "e00000000.2" }, welcome);
    await here(page, /^ann \(you\)$/);
    assert.deepEqual((await log()).slice(1), ["bobone", "bob left."]);

    // Not answered, it is said again with the next connection, which begins where this one ended. What comes before
    // a connection ends waits for the next welcome.
    await socket.close({ code: 1012 });
    socket = await opened(2);
    assert.deepEqual(positions(socket), ["e00000000.2"]);
    ({ messages } = await received(2));
    assert.deepEqual(messages[1], messages[0]);
    tell(socket, resumed({ recovered: 2 }), says("two", 3), { type: "joined", who: 3, name: "cat", $at: "e00000000.4" });
    await socket.close({ code: 1012 });
    socket = await opened(3);
    assert.deepEqual(positions(socket), ["e00000000.4"]);
    ({ messages } = await received(3));
    assert.deepEqual(messages[2], messages[0]);
    assert.equal((await log()).length, 3);
    tell(socket, resumed({ recovered: 1 }), says("two", 5), welcome);
    const echo = { ...says(key, 6), name: "ann", text: "am I heard?" };
    tell(socket, echo, { ...echo, $at: "e00000000.7" }, { type: "delivered", id, to: 1 }, says("three", 8));
    await sees(page, "bobthree");
    assert.deepEqual((await log()).slice(2), ["bobtwo", "cat joined.", "am I heard?", "bobthree"]);
    assert.equal(await page.locator("#log .unconfirmed").count(), 0);
    await here(page, /^bob, ann \(you\), cat$/);

    // What was answered is not said again, whatever the answer was.
    await say(page, "something bad");
    ({ messages } = await received(4));
    tell(socket, { type: "$error", id: messages[3].id, code: "bad", message: "not here" });
    await sees(page, "not heresomething bad", ".own.error");

    // The note is where something is missing. What came before it is of a past that is over.
    await socket.close({ code: 1012 });
    socket = await opened(4);
    assert.deepEqual(positions(socket), ["e00000000.8"]);
    tell(socket, resumed({ recovered: 1 }), { type: "joined", who: 4, name: "dan", $at: "e00000000.9" });
    await socket.close({ code: 1012 });
    socket = await opened(5);
    tell(socket, resumed({ lost: true, $at: "f00000000.7" }), { ...says("four", 0), $at: "f00000000.8" }, welcome);
    await sees(page, "bobfour");
    const [joined, note, four] = (await log()).slice(-3);
    assert.match(note, /you may have missed/);
    assert.deepEqual([joined, four], ["dan joined.", "bobfour"]);
    await here(page, /^bob, ann \(you\)$/);

    // What is said without a connection for good waits until the page is told to connect.
    await socket.close({ code: 1008, reason: "enough" });
    await stateIs(page, "closed");
    await say(page, "the next one");
    await sees(page, "waiting to be deliveredthe next one", ".own.unconfirmed");
    await page.press("#reconnect", "Enter");
    socket = await opened(6);
    assert.deepEqual(positions(socket).at(-1), "f00000000.8");
    ({ messages } = await received(5));
    assert.equal(messages[4].text, "the next one");
    await context.close();
  });

  await server.stop();
}
