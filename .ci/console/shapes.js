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

  await check("shapes: what may be null says so, and can be null, or left out", async () => {
    await console.chooseKind("optional");
    const fields = console.part("fields");
    const types = (name) => fields.getByLabel(`Kind of ${name}`).locator("option").allTextContents();
    assert.deepEqual(await types("age"), ["uint8", "null"]);
    await console.field("Kind of age").selectOption("null");
    for (const name of ["any", "color", "grade", "nick"]) {
      await console.button(`Add ${name}`, fields).click();
    }
    assert.deepEqual(await types("nick"), ["string", "null"]);
    assert.deepEqual(await types("color"), ["Color", "null"]);
    assert.deepEqual(await types("any"), ["string", "number", "null"]);
    assert.deepEqual(await console.field("grade").locator("option").allTextContents(), [
      '""',
      '"a b"',
      '"null"',
      "null",
    ]);
    await console.field("Kind of nick").selectOption("null");
    await console.field("Kind of color").selectOption("null");
    await console.field("grade").selectOption("null");
    await console.button("Remove any", fields).click();
    const { data } = JSON.parse(await console.send());
    assert.deepEqual(data, { age: null, color: null, either: { x: 0 }, grade: null, nick: null });
  });

  await check("shapes: alternatives that have the same name are told apart", async () => {
    const select = console.field("Kind of either");
    assert.deepEqual(await select.locator("option").allTextContents(), [
      "{ x: uint8 }",
      "{ x: string }",
      "uint8",
      "uint8 (2)",
    ]);
    await select.selectOption("{ x: string }");
    await console.field("x").fill("text");
    assert.deepEqual(JSON.parse(await console.send()).data.either, { x: "text" });
  });

  await check("shapes: types of the server's messages say what may be null", async () => {
    const described = console.part("incoming").locator("li", { hasText: "A text, in spite of its name" });
    assert.equal(await described.locator("dd code").first().textContent(), "uint8 | null");
  });

  await check("shapes: a message without a name has one to be seen, and to be chosen by", async () => {
    await console.chooseKind('""');
    await console.send();
    await console.row("received", '""').waitFor();
    assert.match(await console.row("received", '""').getAttribute("aria-label"), /^Received "", id/);
    assert.match(await console.inspect(console.row("received", '""')), /Received ""/);
    await console.part("docs").getByText('Answered by "", binary').waitFor();
    assert.equal(await console.part("incoming").locator("h3").first().textContent(), '""');
  });

  await check("shapes: a message of any name is held against the contract", async () => {
    await console.row("received", "⚠ binary").waitFor();
    assert.match(
      await console.inspect(console.row("received", "⚠ binary")),
      /data: expected one of uint8, null, found "no number"/,
    );
  });

  await check("shapes: a list of three numbers has three, and a letter is one character", async () => {
    await console.chooseKind("sized");
    const fields = console.part("fields");
    await console.button("Add three", fields).click();
    const three = console.group("three");
    await console.button("Remove 1", three).waitFor();
    assert.equal(await console.button("Add item", three).count(), 0);
    await console.button("Remove 1", three).click();
    await console.button("Add item", three).click();
    assert.equal(await three.locator("input").count(), 3);
    await console.button("Add letter", fields).click();
    assert.equal(await console.field("letter").inputValue(), "x");
    await console.field("letter").fill("");
    await fields.getByText("expected at least 1 character", { exact: true }).waitFor();
    await console.button("Remove letter", fields).click();
    await console.button("Remove three", fields).click();
  });

  await check("shapes: what a form has no room for is entered as JSON, and nothing is changed", async () => {
    await console.chooseKind("sized");
    const numbers = (count) => Array.from({ length: count }, (_, index) => index % 256);
    const block = JSON.parse(await console.part("fields").getByLabel("block").inputValue());
    assert.equal(block.length, 4096);
    const message = {
      type: "sized",
      data: {
        block,
        list: numbers(100_000),
        map: Object.fromEntries(numbers(1_000).map((number, index) => [`key ${index}`, number])),
        ratio: 0.5,
        text: "carriage return\r\nand line feed",
      },
    };
    await console.switchTo("JSON");
    await console.part("text").fill(JSON.stringify(message));
    await console.switchTo("Form");
    await console.field("list").waitFor();
    const { id, ...sent } = JSON.parse(await console.send());
    assert.equal(typeof id, "number");
    assert.deepEqual(sent, message);
  });

  await check("shapes: a number that is too large is told, and does not become another value", async () => {
    await console.field("ratio").fill("1e400");
    await console.part("fields").getByText('expected a number, found "1e400"').waitFor();
    const typed = '{"type":"sized","id":0,"data":{"ratio":1e400}}';
    await console.switchTo("JSON");
    await console.part("text").fill(typed);
    await console.problemsAre("1:40 this number is too large");
    assert.equal(await console.send(), typed);
  });

  await console.close();
}
