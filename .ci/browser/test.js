// The pages of the examples in a real browser.
//
//     cargo build -p examples && cd .ci/browser && npm install && npm test [-- <directory of the examples' binaries>]
//
// Chromium is Debian's (`apt-get install chromium`), or the one that the variable CHROMIUM names.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
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
    const [socket] = await Promise.all([
      page.waitForEvent("websocket", { timeout: DEADLINE }),
      page.goto(String(server.url)),
    ]);
    assert.equal(socket.url(), `wss://${server.url.host}/ws`);
    await stateIs(page, "open");
    await say(page, "over TLS");
    await page.locator("#log li:not(.own)", { hasText: "over TLS" }).waitFor();
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
  let socket;
  await page.routeWebSocket(/\/ws/, (opened) => {
    socket = opened;
    socket.onMessage((data) => news.emit("message", messages.push(JSON.parse(data))));
  });
  await page.goto(String(url));
  await stateIs(page, "open");
  return {
    context,
    page,
    async received(count) {
      while (messages.length < count) await within(once(news, "message"), `message ${count}`);
      return { socket, messages };
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

async function typedChat(browser) {
  let server = await start("typed_chat");
  const context = await browser.newContext();
  const room = (name, who) => new URL(`/?${new URLSearchParams({ room: name, name: who })}`, server.url);
  const ann = await open(context, room("lobby", "ann"));
  await stateIs(ann, "open");
  const bob = await open(context, room("lobby", "b/o?b é"));
  await stateIs(bob, "open");
  const eve = await open(context, room("attic", "eve"));

  await check("typed_chat: the pages show who is there", async () => {
    await ann.locator("#members", { hasText: /^ann \(you\), b\/o\?b é$/ }).waitFor();
    await bob.locator("#members", { hasText: /^ann, b\/o\?b é \(you\)$/ }).waitFor();
    await eve.locator("#members", { hasText: /^eve \(you\)$/ }).waitFor();
    await sees(ann, "b/o?b é joined.", ".note");
  });

  await check("typed_chat: messages arrive, both ways, as text, and only in their room", async () => {
    await say(ann, `hello <b>bob</b><img src="x">`);
    await sees(bob, "annhello <b>bob</b>");
    await sees(ann, "hello", ".own:not(.unconfirmed)");
    await say(bob, "hello ann");
    await sees(ann, "b/o?b éhello ann");
    await say(eve, "the only word");
    await sees(eve, "nobody else is here", ".own:not(.unconfirmed)");
    assert.equal(await bob.locator("#log img, #log b").count(), 0);
    assert.equal(await eve.locator("#log li:not(.note)").count(), 1);
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
    assert.equal(await ann.inputValue("#text"), "");
  });

  await check("typed_chat: who leaves is away until it comes back", async () => {
    await bob.press("#leave", "Enter");
    await bob.locator("#state", { hasText: "closed (1000: you left)" }).waitFor();
    await sees(ann, "b/o?b é left.", ".note");
    await ann.locator("#members", { hasText: /^ann \(you\)$/ }).waitFor();
    await bob.press("#reconnect", "Enter");
    await stateIs(bob, "open");
    await ann.locator("#members", { hasText: /^ann \(you\), b\/o\?b é$/ }).waitFor();
  });

  await check("typed_chat: who closes its page has left", async () => {
    await bob.close();
    await ann.locator("#members", { hasText: /^ann \(you\)$/ }).waitFor();
  });

  await check("typed_chat: the page says what the server has not confirmed, and keeps the text", async () => {
    const { context, page, received } = await madeUpServer(browser, room("lobby", "ann"));
    await say(page, "am I heard?");
    const { socket, messages } = await received(1);
    assert.deepEqual(messages, [{ type: "say", id: messages[0].id, text: "am I heard?" }]);
    await socket.close({ code: 1013, reason: "too slow" });
    await sees(page, "may not have arrived", ".own.error");
    assert.equal(await page.inputValue("#text"), "am I heard?");
    await context.close();
  });

  await check("typed_chat: the server stops and comes back; nothing typed meanwhile is lost", async () => {
    await server.stop();
    for (const page of [ann, eve]) await page.locator("#state", { hasText: /^reconnecting in \d+ s \(10\d\d/ }).waitFor();
    await say(ann, "typed while nobody listens");
    assert.equal(await ann.inputValue("#text"), "typed while nobody listens");
    server = await start("typed_chat", server.port);
    for (const page of [ann, eve]) await stateIs(page, "open");
    await ann.press("#text", "Enter");
    await sees(ann, "typed while nobody listens", ".own:not(.unconfirmed):not(.error)");
  });

  await context.close();
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
