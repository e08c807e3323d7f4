// Values that are easily shown or written wrongly: optional fields, odd names, orders, sizes.

import assert from "node:assert/strict";

import { check } from "../browser/harness.js";
import { openConsole } from "./console_page.js";

export async function shapes(browser, { url }) {
  const console = await openConsole(browser, url, { endpoint: "shapes" });

  await check("shapes: a tag is written first, then the id, also within a message", async () => {
    await console.connect();
    await console.chooseKind("ordered");
    assert.equal(
      await console.send(),
      '{"type":"ordered","id":1,"data":{"by":{"kind":"one","0":0},"sums":{}}}',
    );
  });

  await check("shapes: a text is sent as it was typed, with an id if it has none", async () => {
    const withoutId = '{"data": {"sums": {"1": 1.0}}, "type" : "ordered" }';
    assert.equal(await console.sendText(withoutId), withoutId.replace('"ordered"', '"ordered","id":2'));
    const withId = '{"type":"ordered", "id": "own", "data": {}}';
    assert.equal(await console.sendText(withId), withId);
  });

  await console.close();
}
