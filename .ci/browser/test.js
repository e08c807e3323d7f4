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
  for (const example of [chat, auth, tls, counter]) {
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
