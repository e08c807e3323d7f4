// The AsyncAPI document in the tools of its ecosystem.

import assert from "node:assert/strict";
import { test } from "node:test";

import { TypeScriptGenerator } from "@asyncapi/modelina";
import asyncapi from "@asyncapi/parser";

import { json, text } from "./printed.js";

/** There is a newer version of AsyncAPI than 3.0.0. */
const NEWER = "asyncapi-latest-version";

for (const name of ["rich", "hostile"]) {
  test(`the parser has no complaint about the ${name} contract`, async () => {
    const { document, diagnostics } = await new asyncapi.Parser().parse(text(`${name}.json`));
    const complaints = diagnostics.filter(({ code }) => code !== NEWER);
    assert.deepEqual(complaints.map(({ message, path }) => `${path.join(".")}: ${message}`), []);
    assert.equal(document.channels().all().length, Object.keys(json(`${name}.json`).channels).length);
  });
}

/** Modelina 5.10.1 leaves out an enum's fields where those of a message stand beside them. */
const LOST = ["shape", "centre", "radius"];

test("Modelina makes a model of each message, with the fields", async () => {
  const { components } = json("rich.json");
  const generator = new TypeScriptGenerator({ modelType: "interface", rawPropertyNames: true });
  const models = await generator.generate(json("rich.json"));
  const made = new Set(models.map(({ modelName }) => modelName));
  const titles = Object.values(components.messages).map(({ payload }) => payload.title);
  assert.deepEqual(titles.filter((title) => !made.has(title)), []);
  const code = models.map(({ result }) => result).join("\n");
  const isThere = (field) => code.split("\n").some((line) => /^'(.*)'\??:/.exec(line.trim())?.[1] === field);
  const missing = fields(components).filter((field) => !isThere(field));
  assert.deepEqual(missing.sort(), LOST.sort());
});

/** Returns the names of all properties that a schema below a value has. */
function fields(value) {
  if (typeof value !== "object" || value === null) return [];
  const own = typeof value.properties === "object" ? Object.keys(value.properties) : [];
  return [...new Set([...own, ...Object.values(value).flatMap(fields)])];
}
