// External tags, and very many messages.

import assert from "node:assert/strict";

import { check } from "../browser/harness.js";
import { openConsole } from "./console_page.js";

export async function jobs(browser, { url }) {
  const console = await openConsole(browser, url, { endpoint: "jobs" });
  const list = console.part("list");

  await check("jobs: external tags are written and read, a variant without fields as a string", async () => {
    await console.connect();
    await console.chooseKind("run");
    await console.field("command").fill("make");
    await console.part("send").click();
    await console.row("received", "line").waitFor();
    await console.inspect(console.row("sent", "run"));
    assert.equal(await console.inspected(), '{\n  "run": {\n    "command": "make"\n  }\n}');
    await console.chooseKind("stop");
    await console.part("send").click();
    await console.row("received", "done").waitFor();
    await console.inspect(console.row("sent", "stop"));
    assert.equal(await console.inspected(), '"stop"');
  });

  await check("jobs: ten thousand messages need no more elements than are in sight", async () => {
    await console.part("clear").click();
    await console.chooseKind("flood");
    await console.part("send").click();
    await console.row("received", "done").waitFor();
    await console.part("counts").getByText("10,002 messages").waitFor();
    const rows = () => console.page.locator(".session .row").count();
    assert.ok((await rows()) < 60, `${await rows()} rows`);
    await console.rows("line 10000").waitFor();

    await list.evaluate((it) => (it.scrollTop = it.scrollHeight / 2));
    await console
      .rows(/line 50\d\d/)
      .first()
      .waitFor();
    assert.ok((await rows()) < 60, `${await rows()} rows`);
    await console.part("latest").click();
    await console.row("received", "done").waitFor();

    await console.part("filter").fill("line 7777");
    await console.part("counts").getByText("1 of 10,002 messages").waitFor();
    assert.equal(await rows(), 1);
    await console.part("filter").fill("");
    await console.part("counts").getByText("10,002 messages", { exact: true }).waitFor();
  });

  await check(
    "jobs: the list stays where it is while messages come, until it is at its end again",
    async () => {
      await list.evaluate((it) => (it.scrollTop = 0));
      await console.rows("line 5").first().waitFor();
      await console.chooseKind("stop");
      await console.part("send").click();
      await console.part("counts").getByText("10,004 messages").waitFor();
      await console.rows("line 5").first().waitFor();
      assert.equal(await list.evaluate((it) => it.scrollTop), 0);
      await console.part("latest").click();
      await console.row("sent", "stop").waitFor();
    },
  );

  await check("jobs: beyond twenty thousand, the oldest messages are dropped", async () => {
    await console.chooseKind("flood");
    await console.part("send").click();
    await console
      .part("counts")
      .getByText(/^18,\d{3} messages$/)
      .waitFor();
    await list.evaluate((it) => (it.scrollTop = 0));
    await console
      .rows(/"line 20\d\d"/)
      .first()
      .waitFor();
    assert.equal(await console.rows('"line 1"').count(), 0);
  });

  await console.close();
}
