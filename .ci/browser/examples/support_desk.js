import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { check } from "../harness.js";
import { open, say, sees, stateIs } from "../pages.js";
import { run } from "../programs.js";

export async function supportDesk(browser) {
  const folder = await mkdtemp(join(tmpdir(), "support-desk-"));
  const start = (port) => run("support_desk", { PORT: String(port), DATABASE: join(folder, "database") });
  let server = await start(0);
  const [url] = server.urls;
  const context = await browser.newContext();
  const noted = [];
  context.on("console", (message) => message.type() === "error" && noted.push(message.text()));
  const visitor = await open(context, new URL("/chat", url));
  const agent = await open(context, new URL("/desk", url));
  const item = (name) => agent.locator("#conversations button", { hasText: name });

  /** Logs in by the keyboard. */
  async function login(page, name, password) {
    await page.locator("#name:focus").waitFor();
    await page.keyboard.type(name);
    if (password) await page.fill("#password", password);
    await page.keyboard.press("Enter");
  }

  await check("support_desk: pages without a login ask for it, and log no error", async () => {
    await visitor.locator("#login").waitFor();
    await agent.locator("#login").waitFor();
    assert.deepEqual(noted, []);
    await login(agent, "ada", "wrong");
    await agent.locator("#why", { hasText: "wrong name or password" }).waitFor();
    await agent.fill("#name", "");
    await login(agent, "ada", "lovelace");
    await agent.locator("#agents", { hasText: "Agents: ada" }).waitFor();
    await login(visitor, "Vi");
    await stateIs(visitor, "open");
  });

  await check("support_desk: the agent sees a new conversation at once, and opens it by the keyboard", async () => {
    await say(visitor, `help <b>me</b><img src="x">`);
    await sees(visitor, "help", ".own:not(.unconfirmed)");
    await item("Vi").filter({ hasText: "waits for an answer · here" }).waitFor();
    await item("Vi").press("Enter");
    await sees(agent, "help <b>me</b>");
    assert.equal(await agent.locator("#log b, #log img, #conversations b").count(), 0);
    for (const page of [visitor, agent]) await page.locator("#people", { hasText: /^Here: Vi, ada$/ }).waitFor();
  });

  await check("support_desk: typing, an answer and a file arrive", async () => {
    await agent.locator("#text:focus").pressSequentially("what is");
    await visitor.locator("#typing", { hasText: "ada is writing" }).waitFor();
    await say(agent, "what is it?");
    await sees(visitor, "what is it?");
    assert.equal(await visitor.locator("#typing").textContent(), "");
    await item("answered").waitFor();
    await visitor.setInputFiles("#file", { name: "a shot.txt", mimeType: "text/plain", buffer: Buffer.from("a picture") });
    await sees(visitor, "a shot.txt (9 bytes)", ".own");
    const downloading = agent.waitForEvent("download");
    await agent.click("#log a");
    const download = await downloading;
    assert.equal(download.suggestedFilename(), "a shot.txt");
  });

  await check("support_desk: after a restart of the server both go on, and what was said meanwhile is sent", async () => {
    await server.stop();
    await visitor.locator("#state", { hasText: /^reconnecting in \d+ s \(10\d\d/ }).waitFor();
    await say(visitor, "are you there?");
    await sees(visitor, "waiting to be delivered", ".own.unconfirmed");
    server = await start(url.port);
    for (const page of [visitor, agent]) await stateIs(page, "open");
    await sees(agent, "are you there?");
    await sees(visitor, "are you there?", ".own:not(.unconfirmed)");
    const said = await visitor.locator("#log [data-post]").evaluateAll((posts) => posts.map((post) => post.lastChild.textContent));
    assert.deepEqual(said, [`help <b>me</b><img src="x">`, "what is it?", "a shot.txt (9 bytes)", "are you there?"]);
  });

  await check("support_desk: older messages are loaded, and a page that is loaded again has the newest", async () => {
    for (let number = 1; number <= 30; number += 1) await say(visitor, `no. ${number}`);
    await sees(visitor, /no\. 30$/, ".own:not(.unconfirmed)");
    await visitor.reload();
    await sees(visitor, /no\. 30$/);
    assert.equal(await visitor.locator("#log [data-post]").count(), 30);
    await visitor.click("#older");
    await sees(visitor, "help <b>me</b>");
    assert.equal(await visitor.locator("#log [data-post]").count(), 34);
    await visitor.locator("#older[hidden]").waitFor({ state: "attached" });
  });

  await check("support_desk: resolved, the conversation leaves the list; logged out, the page asks again", async () => {
    await agent.click("#resolve");
    await sees(visitor, "ada has resolved this conversation.", ".note");
    await agent.locator("#nothing:not([hidden])").waitFor();
    await agent.click("#logout");
    await agent.locator("#why", { hasText: "You are logged out." }).waitFor();
    await visitor.click("#logout");
    await visitor.locator("#why", { hasText: "You have left." }).waitFor();
  });

  await context.close();
  await server.stop();
  await rm(folder, { recursive: true });
}
