// The pages of the examples in a real browser.
//
//     cargo build -p examples && cd .ci/browser && npm install && npm test [-- <directory of the examples' binaries>]
//
// Chromium is Debian's (`apt-get install chromium`), or the one that the variable CHROMIUM names.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { connect, createServer } from "node:net";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

const DEADLINE = 20_000; // for every wait
const ALTOGETHER = 180_000;

const root = fileURLToPath(new URL("../..", import.meta.url));
const target = process.env.CARGO_TARGET_DIR ?? resolve(root, "target");
const binaries = resolve(process.argv[2] ?? process.env.EXAMPLES ?? resolve(target, "debug"));

const children = new Set();
let passed = 0;
let failed = 0;

/** Runs one check; the others go on when it fails. */
async function check(name, run) {
  try {
    await run();
    passed += 1;
    console.log(`ok   ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL ${name}\n     ${String(error?.stack ?? error).replaceAll("\n", "\n     ")}`);
  }
}

function within(promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing happened in ${DEADLINE} ms`)), DEADLINE);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Starts an example, and waits until it says where it listens. */
async function start(name, port = 0) {
  const child = spawn(resolve(binaries, name), {
    env: { ...process.env, PORT: String(port), RUST_LOG: process.env.RUST_LOG ?? "warn" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.add(child);
  const exited = once(child, "exit").finally(() => children.delete(child));
  const gone = exited.then(([status, signal]) => Promise.reject(new Error(`${name} ended with ${status ?? signal}`)));
  gone.catch(() => {});
  const line = once(createInterface({ input: child.stdout }), "line");
  const [said] = await within(Promise.race([line, gone]), name);
  const url = new URL(said.replace(/^listening on /, ""));
  return {
    url,
    port: Number(url.port),
    /** SIGTERM; resolves when the process has ended, well. */
    async stop() {
      child.kill("SIGTERM");
      const [status, signal] = await within(exited, `the end of ${name}`);
      assert.equal(status, 0, `${name} ended with ${status ?? signal}`);
    },
  };
}

/** Opens a page that fails the test for every error in its scripts. */
const scriptErrors = [];
async function open(context, url) {
  const page = await context.newPage();
  page.setDefaultTimeout(DEADLINE);
  page.on("pageerror", (error) => scriptErrors.push(`${url}: ${error}`));
  await page.goto(String(url));
  return page;
}

const stateIs = (page, name) => page.locator(`#state[data-state="${name}"]`).waitFor();
const stateText = (page) => page.locator("#state").textContent();
const sees = (page, text, kind = "") => page.locator(`#log li${kind}`, { hasText: text }).waitFor();

async function say(page, text) {
  await page.fill("#text", text);
  await page.press("#text", "Enter");
}

async function chat(browser) {
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

/** Close codes that the examples do not send by themselves: the browser's end is real, the server's is made up. */
async function backOff(browser, url) {
  async function closedWith(code, reason, run) {
    const context = await browser.newContext();
    const page = await context.newPage();
    page.setDefaultTimeout(DEADLINE);
    const attempts = Object.assign(new EventEmitter(), { count: 0 });
    await page.clock.install();
    await page.routeWebSocket(/\/ws\//, (socket) => {
      attempts.emit(String(++attempts.count));
      socket.close({ code, reason });
    });
    await page.goto(String(url));
    try {
      await run(page, attempts);
    } finally {
      await context.close();
    }
  }

  for (const code of [1008, 3000, 3003]) {
    await check(`back-off: ${code} is final, and the page says why`, () =>
      closedWith(code, "because", async (page, attempts) => {
        await stateIs(page, "closed");
        assert.equal(await stateText(page), `closed (${code}: because)`);
        await page.clock.runFor(120_000);
        assert.equal(attempts.count, 1);
        const second = within(once(attempts, "2"), "the second attempt");
        await page.click("#reconnect");
        await second;
      }));
  }

  await check("back-off: after 1013 the page waits for 10 to 30 s", () =>
    closedWith(1013, "busy", async (page, attempts) => {
      await stateIs(page, "reconnecting");
      const [, seconds] = (await stateText(page)).match(/^reconnecting in (\d+) s \(1013: busy\)$/);
      assert(seconds >= 10 && seconds <= 30, seconds);
      await page.clock.runFor(9_000);
      assert.equal(attempts.count, 1);
      const second = within(once(attempts, "2"), "the second attempt");
      await page.clock.runFor(21_500);
      await second;
    }));

  await check("back-off: after 1012 the page is back within 2 s", () =>
    closedWith(1012, "restart", async (page, attempts) => {
      const second = within(once(attempts, "2"), "the second attempt");
      await page.locator("#state", { hasText: /^reconnecting in [12] s \(1012: restart\)$/ }).waitFor();
      await page.clock.runFor(2_100);
      await second;
    }));

  await check("back-off: the window doubles from 0.5 s up to 30 s, and the wait is anywhere in it", async () => {
    const context = await browser.newContext();
    try {
      const page = await open(context, url);
      const waits = await page.evaluate(async () => {
        const { backOff } = await import("/reconnect.js");
        return { longest: [...Array(9).keys()].map((n) => backOff(n, 1006, 1)), shortest: backOff(8, 1006, 0) };
      });
      assert.deepEqual(waits.longest, [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]);
      assert.equal(waits.shortest, 0);
    } finally {
      await context.close();
    }
  });
}

async function auth(browser) {
  const server = await start("auth");
  const context = await browser.newContext();
  const page = await open(context, server.url);

  await check("auth: a page that is not logged in says so, and stops", async () => {
    await stateIs(page, "closed");
    assert.equal(await stateText(page), "closed (3000: log in first)");
  });

  await check("auth: logged in, it is welcome where it may be, and told where it may not", async () => {
    await page.fill("#user", "bob");
    await page.fill("#password", "builder");
    await page.press("#password", "Enter");
    await stateIs(page, "open");
    await sees(page, "Welcome to the lobby, bob.");
    await page.selectOption("#room", "staff");
    await stateIs(page, "closed");
    await page.locator("#state", { hasText: "closed (3003: staff only)" }).waitFor();
    await page.selectOption("#room", "lobby");
    await stateIs(page, "open");
  });

  await check("auth: the logout closes with 3000, and the page stays away", async () => {
    await page.click("#logout");
    await page.locator("#state", { hasText: "closed (3000: logged out)" }).waitFor();
  });

  await context.close();
  await server.stop();
}

async function tls(browser) {
  const server = await start("tls");
  const context = await browser.newContext({ ignoreHTTPSErrors: true });

  await check("tls: the page comes over https, and its WebSocket over wss", async () => {
    const page = await context.newPage();
    page.setDefaultTimeout(DEADLINE);
    page.on("pageerror", (error) => scriptErrors.push(`tls: ${error}`));
    const devtools = await context.newCDPSession(page);
    await devtools.send("Network.enable");
    const answered = new Promise((resolve) =>
      devtools.on("Network.webSocketHandshakeResponseReceived", ({ response }) => resolve(response.status)),
    );
    const [socket] = await Promise.all([
      page.waitForEvent("websocket", { timeout: DEADLINE }),
      page.goto(String(server.url)),
    ]);
    assert.equal(socket.url(), `wss://${server.url.host}/ws`);
    // Over HTTP/2, on the connection that the page came over: an extended CONNECT is answered with 200.
    assert.equal(await answered, 200);
    await stateIs(page, "open");
    await say(page, "over TLS");
    await page.locator("#log li:not(.own)", { hasText: "over TLS" }).waitFor();
    const end = await page.evaluate(
      (url) =>
        new Promise((resolve) => {
          const socket = new WebSocket(url);
          socket.onopen = () => socket.close(4001, "bye");
          socket.onclose = ({ code, reason, wasClean }) => resolve({ code, reason, wasClean });
        }),
      socket.url(),
    );
    assert.deepEqual(end, { code: 4001, reason: "bye", wasClean: true });
  });

  // The page is open still: its connections must not hold up the end.
  await check("tls: it ends well while a page is open", () => server.stop());
  await context.close();
}

async function counter(browser) {
  const server = await start("axum_app");
  const context = await browser.newContext();

  await check("axum_app: what one page counts, the other sees", async () => {
    const one = await open(context, server.url);
    const other = await open(context, server.url);
    for (const page of [one, other]) await page.locator("#count", { hasText: /^0$/ }).waitFor();
    await one.click("#add");
    for (const page of [one, other]) await page.locator("#count", { hasText: /^1$/ }).waitFor();
  });

  await context.close();
  await server.stop();
}

/** A page whose WebSocket ends here, not at the example: for what no example does. */
async function madeUpServer(browser, url) {
  const context = await browser.newContext();
  const page = await context.newPage();
  page.setDefaultTimeout(DEADLINE);
  page.on("pageerror", (error) => scriptErrors.push(`${url}: ${error}`));
  const messages = [];
  const news = new EventEmitter();
  const sockets = [];
  await page.routeWebSocket(/\/ws/, (socket) => {
    socket.onMessage((data) => news.emit("message", messages.push(JSON.parse(data))));
    news.emit("socket", sockets.push(socket));
  });
  await page.goto(String(url));
  await stateIs(page, "open");
  return {
    context,
    page,
    async received(count) {
      while (messages.length < count) await within(once(news, "message"), `message ${count}`);
      return { socket: sockets.at(-1), messages };
    },
    async opened(count) {
      while (sockets.length < count) await within(once(news, "socket"), `connection ${count}`);
      return sockets[count - 1];
    },
  };
}

async function counters(browser) {
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
    await socket.close({ code: 1008, reason: "enough" });
    await sees(page, "get bthe connection ended before the reply", ".error");
    assert.equal(await page.locator("#log li").count(), 3);
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

/** The network between a page and a server: it can lose what is under way, and be cut. */
async function network(port) {
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

/** What was said, as a page has it. */
const said = (page) => page.locator("#log li:not(.note)").evaluateAll((items) => items.map((item) => item.lastChild.textContent));

const lostNote = (page) => page.locator("#log .note", { hasText: "you may have missed messages" });

async function typedChat(browser) {
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

  await context.close();
  await line.end();

  await check("typed_chat: what the page makes of the welcome, and of what comes before it", async () => {
    const { context, page, received, opened } = await madeUpServer(browser, room("lobby", "ann"));
    const log = () => page.locator("#log li").allTextContents();
    const tell = (socket, ...events) => events.forEach((event) => socket.send(JSON.stringify(event)));
    const says = (key, at) => ({ type: "said", name: "bob", key, text: key, $at: `e.${at}` });
    const welcome = (lost) => ({ type: "welcome", you: 2, members: [[1, "bob"], [2, "ann"]], lost });

    // It says nothing before the welcome, which is taken first: so the note is where something is missing.
    let socket = await opened(1);
    assert.equal(new URL(socket.url()).search, "");
    await say(page, "am I heard?");
    tell(socket, says("one", 1), { type: "left", who: 1, name: "bob", $at: "e.2" }, welcome(true));
    let { messages } = await received(1);
    const [{ key }] = messages;
    assert.deepEqual(messages, [{ type: "say", id: key, key, text: "am I heard?" }]);
    await page.locator("#members", { hasText: /^ann \(you\)$/ }).waitFor();
    const [, note, one, left] = await log();
    assert.match(note, /you may have missed/);
    assert.deepEqual([one, left], ["bobone", "bob left."]);

    // Not answered, it is said again with the next connection, which begins where this one ended. One that ends before
    // the welcome counts for nothing.
    const missed = [says("two", 3), { type: "joined", who: 3, name: "cat", $at: "e.4" }];
    await socket.close({ code: 1012 });
    socket = await opened(2);
    assert.equal(new URL(socket.url()).search, "?after=e.2");
    tell(socket, ...missed);
    await socket.close({ code: 1012 });
    socket = await opened(3);
    assert.equal(new URL(socket.url()).search, "?after=e.2");
    tell(socket, ...missed, says("two", 5), welcome(false));
    ({ messages } = await received(2));
    assert.deepEqual(messages[1], messages[0]);
    const echo = { ...says(key, 6), name: "ann", text: "am I heard?" };
    tell(socket, echo, { ...echo, $at: "e.7" }, says("three", 8));
    await sees(page, "bobthree");
    assert.deepEqual((await log()).slice(3), ["bobtwo", "cat joined.", "am I heard?", "bobthree"]);
    assert.equal(await page.locator("#log .unconfirmed").count(), 0);

    // What was answered is not said again, whatever the answer was.
    await say(page, "something bad");
    ({ messages } = await received(3));
    tell(socket, { type: "$error", id: messages[2].id, code: "bad", message: "not here" });
    await sees(page, "not heresomething bad", ".own.error");
    await socket.close({ code: 1012 });
    socket = await opened(4);
    assert.equal(new URL(socket.url()).search, "?after=e.8");
    tell(socket, welcome(false));
    await here(page, /^bob, ann \(you\)$/);
    await say(page, "the next one");
    ({ messages } = await received(4));
    assert.equal(messages[3].text, "the next one");
    await context.close();
  });

  await server.stop();
}

function killAll() {
  for (const child of children) child.kill("SIGKILL");
}

let browser;
const watchdog = setTimeout(() => {
  console.log(`FAIL the whole run took more than ${ALTOGETHER} ms`);
  killAll();
  browser?.close().catch(() => {});
  setTimeout(() => process.exit(1), 2_000);
}, ALTOGETHER);

try {
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    timeout: DEADLINE,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  for (const example of [chat, auth, tls, counter, counters, typedChat]) {
    // What goes wrong outside a check (an example that does not start or end) counts as well.
    await example(browser).catch((error) => check(example.name, () => Promise.reject(error)));
  }
  await check("no page had an error in its scripts", () => assert.deepEqual(scriptErrors, []));
} catch (error) {
  await check("the browser starts", () => Promise.reject(error));
} finally {
  killAll();
  await browser?.close().catch(() => {});
  clearTimeout(watchdog);
}

console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
