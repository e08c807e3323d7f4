// Close codes that the examples do not send by themselves: the browser's end is real, the server's is made up.

import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";

import { DEADLINE, check, within } from "../harness.js";
import { open, stateIs, stateText } from "../pages.js";

export async function backOff(browser, url) {
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
