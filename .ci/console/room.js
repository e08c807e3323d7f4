// Internal tags, correlation ids, a history: a conversation, as a person sees it.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

import { check, within } from "../browser/harness.js";
import { openConsole } from "./console_page.js";

const lobby = { path: { room: "lobby" }, query: { token: "secret" } };

export async function room(browser, { url, handshakes }) {
  await conversation(browser, url);
  await connections(browser, url, handshakes);
  await keyboard(browser, url);
  await snippets(browser, url);
}

async function conversation(browser, url) {
  const console = await openConsole(browser, url, {
    endpoint: "room",
    permissions: ["clipboard-read", "clipboard-write"],
  });
  const say = async (text) => {
    await console.chooseKind("say");
    await console.switchTo("Form");
    await console.field("text").fill(text);
    await console.part("send").click();
  };

  await check(
    "room: a request shows its id and its size, its reply the time that it took, and each leads to the other",
    async () => {
      await console.connect(lobby);
      await console.rows("Open, with the subprotocol chat.v1").waitFor();
      await say("hello");
      const reply = console.row("received", "delivered");
      await reply.waitFor();
      assert.match(
        await reply.getAttribute("aria-label"),
        /^Received delivered, id 1, 34 B, after \d+(\.\d)? ms$/,
      );
      const request = console.row("sent", "say");
      assert.equal(await request.locator(".size").textContent(), "36 B");
      assert.equal(await request.locator(".preview").textContent(), '{"text":"hello"}');
      assert.match(await request.locator(".time").textContent(), /^\d\d:\d\d:\d\d\.\d\d\d$/);
      assert.match(await console.inspect(reply), /Answers request 1 after/);
      await console.button("request 1").click();
      assert.match(await console.part("inspectorTitle").innerText(), /Sent say/);
      assert.equal(await console.inspected(), '{\n  "type": "say",\n  "id": 1,\n  "text": "hello"\n}');
      await console.button("delivered", console.part("inspector")).click();
      assert.match(await console.part("inspectorTitle").innerText(), /Received delivered/);
    },
  );

  await check(
    "room: integers of 64 bits are exact, in the form, on the wire and in the conversation",
    async () => {
      await console.chooseKind("add");
      // Of its own, so that the sum is that of this check alone.
      await console.field("name").fill(`visits ${Math.random()}`);
      await console.button("Add by").click();
      await console.field("by").fill("9223372036854775807");
      await console.part("send").click();
      await console.row("received", "value").waitFor();
      await console.inspect(console.row("received", "value"));
      assert.match(await console.inspected(), /"value": 9223372036854775807\n/);
      assert.match(await console.formAsText(), /"by": 9223372036854775807,\n/);
      assert.equal(await console.field("by").inputValue(), "9223372036854775807");
      await console.field("by").fill("9223372036854775808");
      await console.part("fields").getByText("expected at most 9223372036854775807").waitFor();
      await console.field("by").fill("-1x");
      await console.part("fields").getByText('expected an integer, found "-1x"').waitFor();
      assert.match(await console.part("send").textContent(), /^Send anyway/);
    },
  );

  await check("room: errors and malformed answers are marked, and say what is wrong", async () => {
    await say("a text that is far too long");
    const error = console.row("received", "$error");
    await error.waitFor();
    assert.match(await error.getAttribute("class"), /\bbad\b/);
    assert.match(await console.inspect(error), /Answers request/);
    await say("malformed");
    await console.row("received", "⚠ said").waitFor();
    assert.match(
      await console.inspect(console.row("received", "⚠ said")),
      /from: expected an integer, found "nobody"\s+text: expected a string/,
    );
    await say("unknown");
    await console.row("received", "⚠ shouted").waitFor();
    assert.match(
      await console.inspect(console.row("received", "⚠ shouted")),
      /the contract has no such message/,
    );
    await say("garbage");
    await console.row("received", "⚠ text").waitFor();
    assert.match(await console.inspect(console.row("received", "⚠ text")), /this is not JSON/);
  });

  await check("room: a `$ping` is answered, and both are folded away", async () => {
    await say("ping");
    await console.rows("pong").first().waitFor();
    assert.equal(await console.rows("$ping").count(), 0);
    assert.equal(await console.part("livenessCount").textContent(), "2");
    await console.part("liveness").check();
    await console.row("received", "$ping").waitFor();
    await console.row("sent", "$pong").waitFor();
    await console.part("liveness").uncheck();
  });

  await check("room: what comes from the wire is text, never HTML", async () => {
    await say("<img src=x><b>");
    await console.inspect(console.rows('{"from":7,"text":"<img'));
    assert.match(await console.inspected(), /"<img src=x><b>"/);
    assert.equal(await console.page.locator("img, b").count(), 0);
  });

  await check("room: the conversation is filtered, paused, copied, saved and cleared", async () => {
    await console.part("filter").fill("HELLO");
    await console
      .part("counts")
      .getByText(/^2 of \d+ messages$/)
      .waitFor();
    await console.part("direction").selectOption("Sent");
    await console
      .part("counts")
      .getByText(/^1 of \d+ messages$/)
      .waitFor();

    await console.button("Copy", console.part("copyAll").locator("..")).click();
    await console.part("announcements").getByText("Copied").waitFor();
    const copied = await console.page.evaluate(() => navigator.clipboard.readText());
    assert.match(copied, /^\d\d:\d\d:\d\d\.\d\d\d ↑ \{"type":"say","id":1,"text":"hello"\}$/);

    const download = within(console.page.waitForEvent("download"), "the file");
    await console.part("save").click();
    assert.match((await download).suggestedFilename(), /^room-.*\.jsonl$/);
    const [line, ...others] = (await readFile(await (await download).path(), "utf8")).trimEnd().split("\n");
    const { direction, kind, id, text } = JSON.parse(line);
    assert.deepEqual(
      [direction, kind, id, text, others],
      ["sent", "say", 1, '{"type":"say","id":1,"text":"hello"}', []],
    );

    await console.part("filter").fill("");
    await console.part("direction").selectOption("All");
    await console.part("pause").click();
    await say("while paused");
    await console.part("pause").getByText("Go on (3 new)").waitFor();
    assert.equal(await console.rows("while paused").count(), 0);
    await console.part("pause").click();
    await console.rows("while paused").first().waitFor();

    await console.part("clear").click();
    await console.part("empty").getByText("Nothing yet").waitFor();
    assert.equal(await console.page.locator(".session .row").count(), 0);
  });

  await check("room: a message that was sent can be edited and sent again, with a new id", async () => {
    await say("once");
    await console.row("received", "delivered").waitFor();
    await console.inspect(console.row("sent", "say"));
    await console.button("Edit and send again").click();
    const text = await console.part("text").inputValue();
    await console.part("text").fill(text.replace("once", "twice").replace(/"id":\d+,/, ""));
    await console.part("send").click();
    await console.rows('"text":"twice"').first().waitFor();
    const idOf = (text) => console.rows(`{"text":"${text}"}`).locator(".id").textContent();
    assert.equal(
      await idOf("twice"),
      (await idOf("once")).replace(/\d+/, (id) => Number(id) + 1),
    );
    await console
      .part("note")
      .getByText(/^id: \d+$/)
      .waitFor();
  });

  await check("room: screen readers hear of new messages", async () => {
    await say("hear this");
    await console
      .part("announcements")
      .getByText(/Received delivered/)
      .waitFor();
  });

  await check("room: another endpoint leaves all of it as it is", async () => {
    await console.field("text").fill("a draft");
    await console.chooseEndpoint("board");
    await console.stateIs("closed");
    await console.chooseEndpoint("room");
    await console.stateIs("open");
    assert.equal(await console.field("text").inputValue(), "a draft");
    await console.rows("hear this").first().waitFor();
  });

  await check("room: the end says who closed, with which code, and what that means", async () => {
    await console.chooseKind("leave");
    await console.part("fields").getByText("This message has no fields.").waitFor();
    await console.part("send").click();
    await console.rows("Closed by the server: 4000 the application's own, “you left”.").waitFor();
    await console.stateIs("closed");
    assert.equal(await console.part("send").isDisabled(), true);
  });

  await console.close();
}

async function connections(browser, url, handshakes) {
  const console = await openConsole(browser, url, { endpoint: "room" });

  await check("room: a path parameter must not be empty, and none can be dots", async () => {
    await console.part("toggle").click();
    await console.part("mistake").getByText("The path parameter `room` is empty.").waitFor();
    await console.fillConnection({ path: { room: ".." } });
    await console.part("toggle").click();
    await console.part("mistake").getByText("URLs resolve dots").waitFor();
  });

  await check("room: a refused handshake says what is known, and what the causes may be", async () => {
    const explanation = (text) => console.part("mistake").getByText(text).waitFor();
    await console.fillConnection({ path: { room: "a/b ü" }, query: { token: "wrong" } });
    await console.part("toggle").click();
    await console.rows("Never opened: the server runs, and has refused the handshake").waitFor();
    await console.stateIs("closed");
    await explanation(/Likely causes:\s– an extractor or the handler refuses it/);
    await console.page.getByText("Subprotocols, cookies").click();
    await console.part("subprotocols").fill("other, another");
    await console.part("queryModes").getByText("Raw").click();
    await console.part("query").fill("token=wrong&fast=5");
    await console.part("toggle").click();
    await explanation(
      /Likely causes:\s– the query, `fast`: .*\s– the contract has none of the subprotocols other, another,/,
    );
    await console.part("subprotocols").fill("chat.v2, chat.v1");
    await console.part("query").fill("token=wrong");
    await console.part("queryModes").getByText("Form").click();
  });

  await check("room: a server that is gone is told from one that refuses", async () => {
    await console.context.setOffline(true);
    await console.part("toggle").click();
    await console.part("mistake").getByText("the server cannot be reached").waitFor();
    await console.context.setOffline(false);
  });

  await check("room: path, query, subprotocols and cookies arrive as they were entered", async () => {
    await console.fillConnection({ query: { token: "a&b=c" } });
    await console.part("queryModes").getByText("Raw").click();
    assert.equal(await console.part("query").inputValue(), "token=a%26b%3Dc");
    await console.part("query").fill("token=%C3%BC&fast=true&more=1");
    await console.part("queryModes").getByText("Form").click();
    assert.equal(await console.part("queryFields").getByLabel("token").inputValue(), "ü");
    await console.part("subprotocols").fill("chat.v1");
    await console.part("cookies").fill("session=abc; other=1");
    await console.connect();
    if (handshakes) {
      const { path, query, cookie, protocols } = handshakes.at(-1);
      assert.equal(path, "/rooms/a%2Fb%20%C3%BC");
      assert.equal(query, "?fast=true&token=%C3%BC&more=1");
      assert.deepEqual([cookie, protocols], ["session=abc; other=1", "chat.v1"]);
    }
  });

  await check(
    "room: it is closed with a code and a reason of one's choice, if a page may send them",
    async () => {
      await console.part("code").fill("1011");
      await console.part("toggle").click();
      await console.part("mistake").getByText("A page may close with 1000, or 3000 to 4999").waitFor();
      await console.part("code").fill("4001");
      await console.part("reason").fill("enough");
      await console.part("toggle").click();
      await console.rows("Closed by this page: 4001 the application's own, “enough”.").waitFor();
    },
  );

  await check("room: a cookie is that of one connection alone", async () => {
    await console.part("cookies").fill("");
    await console.connect();
    if (handshakes) assert.equal(handshakes.at(-1).cookie, undefined);
    await console.row("received", "$resumed").waitFor();
    await console.part("toggle").click();
    await console.stateIs("closed");
  });

  await check("room: a client that returns shows its position, but not in another room", async () => {
    const position = await console.part("positions").textContent();
    assert.match(position, /^[0-9a-f]+\.\d+$/);
    await console.part("url").getByText(`%24at=${position}`).waitFor();
    await console.part("resume").uncheck();
    assert.doesNotMatch(await console.part("url").textContent(), /at=/);
    await console.part("resume").check();
    await console.fillConnection({ path: { room: "another" } });
    assert.doesNotMatch(await console.part("url").textContent(), /at=/);
    await console.connect();
    await console.row("received", "$joined").waitFor();
    await console.part("toggle").click();
    await console.stateIs("closed");
    const other = await console.part("positions").textContent();
    assert.match(other, /^[0-9a-f]+\.\d+$/);
    assert.notEqual(other, position);
  });

  await console.close();
}

async function keyboard(browser, url) {
  const console = await openConsole(browser, url);
  const { keyboard: keys } = console.page;
  const focused = (selector) =>
    console.page.waitForFunction((it) => document.activeElement?.matches(it), selector);
  /** Presses a key until an element has the focus, as people do. */
  const pressUntil = async (key, selector) => {
    for (let presses = 0; presses < 60; presses += 1) {
      if (await console.page.evaluate((it) => document.activeElement?.matches(it), selector)) return;
      await keys.press(key);
    }
    assert.fail(`${key} never reaches ${selector}`);
  };

  await check(
    "room: everything works by keyboard: search, connect, write, send, look, disconnect",
    async () => {
      await keys.press("/");
      await focused('[data-part="search"]');
      await keys.type("talk in");
      await pressUntil("Tab", 'aside a[href="#room"]');
      assert.equal(await console.page.locator("aside li:visible").count(), 1);
      await keys.press("Enter");
      await console.part("name").getByText("room", { exact: true }).waitFor();
      await pressUntil("Tab", '[data-part="pathFields"] input');
      await keys.type("lobby");
      await pressUntil("Tab", '[data-part="queryFields"] input');
      await keys.type("secret");
      await keys.press("Enter");
      await console.stateIs("open");
      await focused('[data-part="kinds"] input');
      await keys.press("ArrowLeft");
      await console.part("docs").getByText("Says a text to all members.").waitFor();
      await pressUntil("Tab", '[data-part="fields"] input');
      await keys.type("typed");
      await keys.press("Control+Enter");
      await console.row("received", "delivered").waitFor();
      await keys.press("Escape");
      await pressUntil("Tab", ".quiet");
      await keys.press("l");
      await focused('[data-part="list"]');
      await keys.press("End");
      await console.part("inspectorTitle").getByText("Received delivered").waitFor();
      await console.page.locator(".session [aria-activedescendant]").waitFor();
      const active = await console.part("list").getAttribute("aria-activedescendant");
      assert.equal(await console.page.locator(`#${active}`).getAttribute("aria-selected"), "true");
      await keys.press("ArrowUp");
      await console.part("inspectorTitle").getByText("Received said").waitFor();
      await keys.press("Home");
      await console.part("inspectorTitle").getByText("Connection").waitFor();
      await keys.press("Escape");
      await console.part("inspector").waitFor({ state: "hidden" });
      await keys.press("c");
      await console.rows("Closed by this page: 1000 normal.").waitFor();
    },
  );

  await check("room: the shortcuts are shown, and those of a single key can be switched off", async () => {
    await keys.press("?");
    const dialog = console.page.getByRole("dialog", { name: "Keyboard shortcuts" });
    await dialog.getByText("Connect, or disconnect").waitFor();
    await dialog.getByRole("checkbox").uncheck();
    await keys.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    await console.part("list").focus();
    await keys.press("/");
    await focused('[data-part="list"]');
  });

  await console.close();
}

async function snippets(browser, url) {
  const save = async (console, name, text) => {
    await console.chooseKind("say");
    await console.field("text").fill(text);
    await console.part("keep").click();
    await console.part("snippetName").fill(name);
    await console.part("snippetName").press("Enter");
    await console.button(name, console.part("snippets")).waitFor();
  };

  await check("room: snippets are there again after a reload, until they are deleted", async () => {
    const console = await openConsole(browser, url, { endpoint: "room" });
    await save(console, "greeting", "saved hello");
    await console.page.reload();
    await console.button("greeting").click();
    assert.match(await console.part("text").inputValue(), /"text": "saved hello"/);
    await console.button("Delete the snippet greeting").click();
    await console.part("snippets").waitFor({ state: "hidden" });
    await console.page.reload();
    await console.page.locator(".session").waitFor();
    assert.equal(await console.part("snippets").isHidden(), true);
    await console.close();
  });

  await check("room: a page that may store nothing works, and says that it forgets", async () => {
    const before = () =>
      Object.defineProperty(window, "localStorage", {
        get: () => {
          throw new DOMException("denied", "SecurityError");
        },
      });
    const console = await openConsole(browser, url, { endpoint: "room", before });
    await save(console, "short-lived", "x");
    await console.part("keep").click();
    await console.part("snippetHint").waitFor();
    await console.button("short-lived").click();
    assert.match(await console.part("text").inputValue(), /"text": "x"/);
    await console.close();
  });
}
