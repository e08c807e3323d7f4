// The pages, as assistive technology finds them: what axe-core has rules for, in light and dark colours.

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { check } from "../harness.js";
import { open, say, sees, stateIs } from "../pages.js";
import { run, start } from "../programs.js";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const PHONE = { width: 390, height: 844 };

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Asserts that a page breaks no rule. */
async function isAccessible(page) {
  await page.evaluate(axe);
  const { violations, passes } = await page.evaluate((tags) => globalThis.axe.run({ runOnly: tags }), RULES);
  assert(passes.length > 5, `${page.url()}: only ${passes.length} rules fit`);
  const broken = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`);
  assert.deepEqual(broken, [], page.url());
}

/** Calls a function with a context of each colour scheme. */
async function inBothColours(browser, visit) {
  for (const colorScheme of ["light", "dark"]) {
    const context = await browser.newContext({ colorScheme, viewport: PHONE });
    await visit(context);
    await context.close();
  }
}

async function pagesOfOneState(browser) {
  const pages = { echo: "/", chat: "/", typed_chat: "/", counter: "/", axum_app: "/", batch: "/", gallery: "/", contract: "/console/" };
  for (const [name, path] of Object.entries(pages)) {
    const program = await start(name);
    await check(`accessibility: ${name}`, () =>
      inBothColours(browser, async (context) => {
        const page = await open(context, new URL(path, program.url));
        if (path === "/") await stateIs(page, "open");
        if (["echo", "batch", "chat"].includes(name)) {
          await say(page, "hello");
          await page.locator("#log li", { hasText: "hello" }).first().waitFor();
        }
        await isAccessible(page);
      }),
    );
    await program.stop();
  }
}

async function authPage(browser) {
  const program = await start("auth");
  await check("accessibility: auth, before and after the login", () =>
    inBothColours(browser, async (context) => {
      const page = await open(context, program.url);
      await isAccessible(page);
      await page.fill("#user", "alice");
      await page.fill("#password", "wonderland");
      await page.press("#password", "Enter");
      await stateIs(page, "open");
      await isAccessible(page);
    }),
  );
  await program.stop();
}

async function supportDeskPages(browser) {
  const folder = await mkdtemp(join(tmpdir(), "support-desk-"));
  const program = await run("support_desk", { PORT: "0", DATABASE: join(folder, "database") });
  const [url] = program.urls;
  await check("accessibility: support_desk, from the login to a conversation", () =>
    inBothColours(browser, async (context) => {
      const visitor = await open(context, new URL("/chat", url));
      await visitor.locator("#login").waitFor();
      await isAccessible(visitor);
      await visitor.fill("#name", "Vi");
      await visitor.press("#name", "Enter");
      await stateIs(visitor, "open");
      await say(visitor, "help");
      await sees(visitor, "help", ".own:not(.unconfirmed)");
      await isAccessible(visitor);
      const agent = await open(context, new URL("/desk", url));
      await agent.locator("#login").waitFor();
      await isAccessible(agent);
      await agent.fill("#name", "grace");
      await agent.fill("#password", "hopper");
      await agent.press("#password", "Enter");
      await agent.locator("#conversations button").first().waitFor();
      await isAccessible(agent);
      await agent.locator("#conversations button").first().click();
      await sees(agent, "help");
      await isAccessible(agent);
    }),
  );
  await program.stop();
  await rm(folder, { recursive: true });
}

export async function accessibility(browser) {
  await pagesOfOneState(browser);
  await authPage(browser);
  await supportDeskPages(browser);
}
