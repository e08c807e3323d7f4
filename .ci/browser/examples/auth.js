import assert from "node:assert/strict";

import { check } from "../harness.js";
import { open, sees, stateIs, stateText } from "../pages.js";
import { start } from "../programs.js";

export async function auth(browser) {
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
