// Our types against those that json-schema-to-typescript makes of the same schemas.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { compile } from "json-schema-to-typescript";

import { messages, ownNames } from "./messages.js";
import { directory, json, text } from "./printed.js";
import { errors } from "./tsc.js";

/** Arrays of one length are tuples to both, but to ours only up to this one. */
const LONGEST_TUPLE = 16;

const document = json("rich.json");
const names = ownNames(document);
const queries = Object.entries(document.channels).filter(([, { bindings }]) => bindings.ws.query !== undefined);

/** Returns interfaces with a field for each message and each query. */
function theirs() {
  const object = (entries) => ({
    type: "object",
    properties: Object.fromEntries(entries),
    required: entries.map(([name]) => name),
  });
  const schema = object([
    ["messages", object(names.map((name) => [name, document.components.messages[name].payload]))],
    ["queries", object(queries.map(([endpoint, { bindings }]) => [endpoint, bindings.ws.query]))],
  ]);
  const whole = JSON.stringify({ ...schema, components: document.components }, (_, value) => {
    const { minItems, maxItems, ...array } = value ?? {};
    return maxItems > LONGEST_TUPLE ? array : value;
  });
  // Ours say nothing of fields that are not known.
  return compile(JSON.parse(whole), "Theirs", { additionalProperties: false, bannerComment: "", format: false });
}

/** Returns pairs of types that have the same values: ours, and theirs. */
function pairs() {
  const message = (name) => `Theirs["messages"]["${name}"]`;
  const union = (endpoint, action) => [...messages(document, endpoint, action).keys()].map(message).join(" | ");
  const isTyped = (channel) => channel["x-ignitia"].received && channel["x-ignitia"].sent;
  const typed = Object.entries(document.channels).filter(([, channel]) => isTyped(channel));
  return [
    ...names.map((name) => [`ours.${name}`, message(name)]),
    ...queries.map(([endpoint]) => [`ours.Endpoints["${endpoint}"]["query"]`, `Theirs["queries"]["${endpoint}"]`]),
    ...typed.flatMap(([endpoint]) => [
      [`ours.Endpoints["${endpoint}"]["sent"]`, union(endpoint, "receive")],
      [`ours.Endpoints["${endpoint}"]["received"]`, union(endpoint, "send")],
    ]),
  ];
}

/** Asserts that statements about both hold. */
function hold(name, statements, module = "ours.ts") {
  const imports = [`import type * as ours from "./${module}";`, 'import type { Theirs } from "./theirs.ts";'];
  const constants = statements.map((statement, index) => `export const c${index}${statement};`);
  writeFileSync(join(directory, name), [...imports, ...constants].join("\n"));
  assert.equal(errors(join(directory, name)), "");
}

writeFileSync(join(directory, "theirs.ts"), await theirs());
// Theirs have no integers that a number does not hold.
const ours = text("rich.ts").replace("export type Integer = number | bigint;", "export type Integer = number;");
writeFileSync(join(directory, "ours.ts"), ours);

test("what one type accepts, the other does", () => {
  assert.notEqual(ours, text("rich.ts"));
  assert(pairs().length > 25, `${pairs().length}`);
  hold("same.ts", pairs().flatMap(([our, their]) => [
    ` = (theirs: ${their}): ${our} => theirs`,
    ` = (ours: ${our}): ${their} => ours`,
  ]));
});

test("no type is any or never, which would accept all of this", () => {
  const is = (type) => `0 extends 1 & ${type} ? true : [${type}] extends [never] ? true : false`;
  hold("some.ts", pairs().flat().map((type) => `: ${is(`(${type})`)} = false`));
});

test("only integers that a number may not hold are bigints, too", () => {
  const fields = { small: "number", short: "number", usual: "number", bounded: "number", ratio: "number" };
  const types = Object.entries({ ...fields, wide: "number | bigint", wider: "number | bigint" });
  const same = (one, other) => `[${one}, ${other}] extends [${other}, ${one}] ? true : false`;
  hold("integers.ts", types.map(([name, type]) => `: ${same(`ours.AskNumbers["${name}"]`, type)} = true`), "rich.ts");
});
