#!/usr/bin/env bash
# json-schema-to-typescript drops what a `$ref` points to when the same schema has `properties` too.
#
# Installed: json-schema-to-typescript 16.0.0 (npm).
# Done: a message is an object with a tag whose other fields come from `#/$defs/Point`, the form in which schemars 1
#   writes a newtype variant of an internally tagged enum. It is translated once with the `$ref` beside `properties` and
#   once with the same `$ref` inside `allOf`.
# Expected: JSON Schema 2019-09 and later: a `$ref` and the keywords beside it all apply, so both forms mean the same:
#   type, x and y.
# Seen: beside `properties` the interface is called `Point` and has the tag alone; x and y are gone, with no warning. In
#   `allOf` it is the intersection that was meant.
# It matters because the TypeScript compiler then takes messages without their payload, and refuses those that have one
#   where extra properties are checked.
set -euo pipefail
source "$(dirname "$0")/common.bash"
npms json-schema-to-typescript@16.0.0

cat >probe.mjs <<'JS'
import { createRequire } from "node:module";
import { compile } from "json-schema-to-typescript";
console.log("json-schema-to-typescript", createRequire(import.meta.url)("json-schema-to-typescript/package.json").version);
const $defs = {
  Point: { type: "object", properties: { x: { type: "number" }, y: { type: "number" } }, required: ["x", "y"] },
};
const tag = { type: "object", properties: { type: { const: "Moved" } }, required: ["type"] };
const $ref = "#/$defs/Point";
const $schema = "https://json-schema.org/draft/2020-12/schema";
const options = { bannerComment: "", additionalProperties: false };
const beside = await compile({ $schema, title: "Message", oneOf: [{ $ref, ...tag }], $defs }, "Message", options);
const inside = await compile({ $schema, title: "Message", oneOf: [{ allOf: [{ $ref }], ...tag }], $defs }, "Message", options);
console.log(`--- $ref beside properties\n${beside}--- $ref inside allOf\n${inside}`);
const has = (text, field) => new RegExp(`\\b${field}: `).test(text);
const stated = has(beside, "type") && !has(beside, "x") && !has(beside, "y")
  && has(inside, "type") && has(inside, "x") && has(inside, "y");
if (!stated) {
  console.error("CHANGED: x and y were expected in the second text only");
  process.exitCode = 1;
}
JS
node probe.mjs
