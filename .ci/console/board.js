// Adjacent tags, and values of all shapes: the form, and the text beside it.

import assert from "node:assert/strict";

import { check } from "../browser/harness.js";
import { openConsole } from "./console_page.js";

export async function board(browser, { url, handshakes }) {
  const console = await openConsole(browser, url, { endpoint: "board" });
  const fields = console.part("fields");

  await check("board: a tail keeps its slashes, and a number is checked", async () => {
    await console.fillConnection({ path: { owner: "-1", rest: "a b/c" } });
    await console.part("pathFields").getByText("expected at least 0").waitFor();
    await console.fillConnection({ path: { owner: "4294967295" } });
    await console.connect();
    if (handshakes) assert.equal(handshakes.at(-1).path, "/boards/4294967295/a%20b/c");
  });

  await check("board: the form has values of all shapes", async () => {
    await console.chooseKind("everything");
    await fields.getByLabel("name", { exact: false }).first().fill("Ann");
    await console.field("serial").fill("18446744073709551615");
    await console.field("ratio").fill("-1.5e3");
    await console.field("isNew").selectOption("true");
    await console.field("color").selectOption("deep blue");
    const pair = console.group("pair");
    await pair.getByLabel("0").fill("255");
    await pair.getByLabel("1").fill("two");
    for (const text of ["first", "second", "third"]) {
      await console.button("Add item", console.group("tags")).click();
      await console.group("tags").locator("input").last().fill(text);
    }
    await console.button("Remove 1", console.group("tags")).click();
    await console.button("Add entry", console.group("scores")).click();
    await console.group("scores").getByLabel("Name").fill("bob");
    await console.group("scores").getByLabel("value").fill("-9223372036854775808");
    await console.button("Add at", fields).click();
    await console.group("at").getByLabel("x").fill("0.1");
    await console.field("extra").fill('{"any":[1,null]}');
    assert.equal(
      await console.formAsText(),
      `{
  "type": "everything",
  "data": {
    "at": {
      "x": 0.1
    },
    "color": "deep blue",
    "extra": {
      "any": [
        1,
        null
      ]
    },
    "isNew": true,
    "name": "Ann",
    "numbered": {},
    "pair": [
      255,
      "two"
    ],
    "ratio": -1500,
    "scores": {
      "bob": -9223372036854775808
    },
    "serial": 18446744073709551615,
    "tags": [
      "first",
      "third"
    ]
  }
}`,
    );
    await console.group("at").getByLabel("Kind of at").selectOption("null");
    assert.match(await console.formAsText(), /"at": null/);
  });

  await check("board: what a form has no field for is not lost on the way", async () => {
    await console.switchTo("JSON");
    const text = (await console.part("text").inputValue()).replace(
      '"numbered": {}',
      '"numbered": {"x": 1, "7": true}, "more": [1]',
    );
    await console
      .part("text")
      .fill(text.replace('"serial": 18446744073709551615', '"serial": {"no": "number"}'));
    await console.problemsAre("data.numbered.x there is no such field", "data.serial expected an integer");
    await console.switchTo("Form");
    const again = await console.formAsText();
    for (const part of [
      '"x": 1',
      '"7": true',
      '"more": [\n      1\n    ]',
      '"serial": {\n      "no": "number"',
    ]) {
      assert.ok(again.includes(part), `${part} is lost: ${again}`);
    }
    await fields.getByText("there is no such field").waitFor();
  });

  await check("board: a switch that would lose something is refused, and says what to mend", async () => {
    await console.field("extra").fill("{oops");
    await console.switchTo("JSON");
    await console.problemsAre(
      "Before the switch, mend this: this is not JSON: expected a name in double quotes",
    );
    await console.page.waitForFunction(() => document.activeElement.value === "{oops");
    await console.field("extra").fill("1");
    await console.switchTo("JSON");
    await console.part("text").fill('{"type":"draw",\n "data": {"kind": }}');
    await console.problemsAre("2:19 expected a value");
    await console.switchTo("Form");
    await console.problemsAre("Before the switch, mend this: expected a value");
    assert.equal(await console.part("text").inputValue(), '{"type":"draw",\n "data": {"kind": }}');
  });

  await check("board: a problem leads to its place in the text", async () => {
    const text = '{"type":"draw","data":{"kind":"circle","center":{"x":"far"},"radius":1}}';
    await console.chooseKind("draw");
    await console.switchTo("JSON");
    await console.part("text").fill(text);
    await console.problemsAre('data.center.x expected a number, found "far"');
    await console.part("problemList").getByRole("button").click();
    const selected = await console.page.evaluate(() => getSelection().toString());
    assert.equal(selected, '"far"');
    await console.part("text").fill(text.replace('"x":"far"', '"x":1,"x":2'));
    await console.problemsAre('the name "x" stands twice');
    await console.part("text").fill(`${text.replace('"far"', "1")} 2`);
    await console.problemsAre("expected the end of the text");
  });

  await check("board: variants within a message are chosen, and keep what was typed", async () => {
    await console
      .part("text")
      .fill('{"type":"draw","data":{"kind":"circle","center":{"x":1},"radius":12345678901234567890}}');
    await console.switchTo("Form");
    await console.field("radius").waitFor();
    await console.field("Kind of data").selectOption("path");
    await console.button("Add item", fields).click();
    await fields.getByLabel("x").fill("3");
    await console.field("Kind of data").selectOption("circle");
    assert.equal(await console.field("radius").inputValue(), "12345678901234567890");
    await console.field("Kind of data").selectOption("path");
    await console.part("send").click();
    await console.row("received", "drawn").waitFor();
    await console.inspect(console.row("received", "drawn"));
    assert.equal(JSON.parse(await console.inspected()).data.points[0].x, 3);
  });

  await check("board: types that contain themselves have a form of any depth", async () => {
    await console.chooseKind("plant");
    await console.field("label").fill("root");
    for (let depth = 0; depth < 3; depth += 1) {
      await console.button("Add children", fields).last().click();
      await console.button("Add item", fields).first().click();
      await fields.getByLabel("label").first().fill(`depth ${depth}`);
    }
    await console.button("Add origin", fields).last().click();
    const { data } = JSON.parse(await console.formAsText());
    assert.equal(data.children[0].children[0].children[0].label, "depth 2");
    assert.deepEqual(data.origin, { label: "" });
  });

  await check("board: a type that needs itself begins with the variant that does not", async () => {
    await console.chooseKind("evaluate");
    assert.deepEqual(JSON.parse(await console.formAsText()).data, { literal: 0 });
    await console.field("Kind of data").selectOption("sum");
    assert.deepEqual(JSON.parse(await console.formAsText()).data, { sum: [{ literal: 0 }, { literal: 0 }] });
  });

  await check("board: a text of another kind of message moves to that one's form", async () => {
    await console.switchTo("JSON");
    await console.part("text").fill('{"type":"clear"}');
    await console.switchTo("Form");
    await fields.getByText("This message has no fields.").waitFor();
    await console.part("send").click();
    await console.row("received", "cleared").waitFor();
    await console.switchTo("JSON");
    await console.part("text").fill('{"type":"clean"}');
    await console.problemsAre('type expected "clear", found "clean"');
    await console.switchTo("Form");
    await console.problemsAre("this endpoint takes no message “clean”");
  });

  await console.close();
}
