#!/usr/bin/env bash
# modelina refuses an AsyncAPI 3.0.0 document in which a property has the schema `true`, and calls it one of version 2.
#
# Installed: @asyncapi/modelina 5.10.1, @asyncapi/parser 3.6.6 (npm).
# Done: TypeScript is generated from a document whose payload has one property, with the schema `true`, and from the same
#   document with `{}`.
# Expected: the same for both: JSON Schema draft 07, 4.3.1, and with it AsyncAPI 3.0.0: `true` is a schema, equal to `{}`. The
#   parser takes both without a word.
# Seen: `{}` becomes `note?: any`; `true` throws "Could not convert input to expected copy of AsyncapiV2Schema".
# It matters to whoever generates documents: `true` is what schemars writes for a `serde_json::Value`, and the error names
#   neither the property nor the right version.
set -euo pipefail
source "$(dirname "$0")/common.bash"
npms @asyncapi/modelina@5.10.1 @asyncapi/parser@3.6.6

cat >probe.mjs <<'JS'
import { TypeScriptGenerator } from "@asyncapi/modelina";
import { Parser } from "@asyncapi/parser";

const lamps = (anything) => ({
  asyncapi: "3.0.0",
  info: { title: "Lamps", version: "1" },
  channels: {
    lamp: {
      address: "lamp",
      messages: { dim: { payload: { type: "object", title: "Dim", properties: { note: anything } } } },
    },
  },
  operations: { dim: { action: "receive", channel: { $ref: "#/channels/lamp" } } },
});
const expected = new Map([
  [true, "Error: Could not convert input to expected copy of AsyncapiV2Schema"],
  [{}, "note?: any;"],
]);
for (const [schema, stated] of expected) {
  const { diagnostics } = await new Parser().parse(JSON.stringify(lamps(schema)));
  const errors = diagnostics.filter(({ severity }) => severity < 2).length;
  const generated = await new TypeScriptGenerator({ modelType: "interface" })
    .generate(lamps(schema))
    .then((models) => models.map(({ result }) => result).join("\n"), String);
  const seen = generated.split("\n").map((line) => line.trim()).find((line) => line === stated);
  console.log(`${JSON.stringify(schema)}: ${errors} errors and warnings of the parser; modelina: ${seen ?? generated}`);
  if (errors > 0 || seen === undefined) process.exitCode = 1;
}
JS
node probe.mjs || changed "the two are treated otherwise"
