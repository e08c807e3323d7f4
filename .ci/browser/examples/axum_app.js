import { check } from "../harness.js";
import { open } from "../pages.js";
import { start } from "../programs.js";

export async function axumApp(browser) {
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
