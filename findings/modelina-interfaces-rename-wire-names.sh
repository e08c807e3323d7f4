#!/usr/bin/env bash
# modelina's TypeScript interfaces have other field names than the JSON that they describe, and a field that is not there.
#
# Installed: @asyncapi/modelina 5.10.1 (npm).
# Done: interfaces are generated for an object with the properties `type`, `sent_at` and `in`, with the options
#   `modelType: "interface"` alone, and with `rawPropertyNames: true` too.
# Expected: an interface has no code that could convert, so its names are those of the JSON: `JSON.parse` is all there is
#   between the two.
# Seen: `type` becomes `reservedType`, `sent_at` becomes `sentAt`, `in` becomes `reservedIn`; with `rawPropertyNames` the names
#   are right. Both have a member `additionalProperties` that is a Map and that no JSON text holds.
# It matters because such types compile with every use of them and are wrong at run time: `message.reservedType` is undefined,
#   and a switch over it takes no branch.
set -euo pipefail
source "$(dirname "$0")/common.bash"
npms @asyncapi/modelina@5.10.1

cat >probe.js <<'JS'
const { TypeScriptGenerator } = require("@asyncapi/modelina");
console.log("@asyncapi/modelina", require("./node_modules/@asyncapi/modelina/package.json").version);
const schema = {
  $schema: "http://json-schema.org/draft-07/schema#",
  title: "Message",
  type: "object",
  properties: { type: { const: "moved" }, sent_at: { type: "number" }, in: { type: "string" } },
  required: ["type", "sent_at", "in"],
};
const names = async (options) => {
  const [model] = await new TypeScriptGenerator({ modelType: "interface", ...options }).generate(structuredClone(schema));
  console.log(`${JSON.stringify(options)}\n${model.result}`);
  return [...model.result.matchAll(/^ *'?(\w+)'?\??: /gm)].map((match) => match[1]).join(" ");
};
(async () => {
  const plain = await names({});
  const raw = await names({ rawPropertyNames: true });
  if (plain !== "reservedType sentAt reservedIn additionalProperties" || raw !== "type sent_at in additionalProperties") {
    console.error(`CHANGED: the names are ${plain} and ${raw}`);
    process.exitCode = 1;
  }
})();
JS
node probe.js
