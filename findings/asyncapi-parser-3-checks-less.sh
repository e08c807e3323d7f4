#!/usr/bin/env bash
# @asyncapi/parser checks less of an AsyncAPI 3.0.0 document than of the same document in 2.6.0.
#
# Installed: @asyncapi/parser 3.6.6 (npm).
# Done: two small documents are parsed, each as 2.6.0 and as 3.0.0: one has a message example that breaks the payload's
#   own schema, the other names JSON Schema 2020-12 in `schemaFormat` and has `type: bogus` in the schema.
# Expected: the same word about both versions: in both specifications the payload of an example has to be valid by the
#   message's own schema, and a schema that was not read was not checked.
# Seen: 2.6.0: an error for the example, a warning for the format. 3.0.0: neither, nothing at all; the same `type: bogus`
#   without `schemaFormat` is an error.
# It matters because "the parser is content" then says nothing about examples, nor about a schema whose format it does not
#   know: whoever generates 3.0 documents has to check these two things by other means.
set -euo pipefail
source "$(dirname "$0")/common.bash"
npms @asyncapi/parser@3.6.6

cat >probe.js <<'JS'
const { Parser } = require("@asyncapi/parser");
console.log("@asyncapi/parser", require("@asyncapi/parser/package.json").version);
const info = { title: "Lamps", version: "1" };
const two = (message) => ({ asyncapi: "2.6.0", info, channels: { lamp: { publish: { message } } } });
const three = (message) => ({
  asyncapi: "3.0.0", info,
  channels: { lamp: { address: "lamp", messages: { dim: message } } },
  operations: { dim: { action: "receive", channel: { $ref: "#/channels/lamp" } } },
});
const level = { type: "object", properties: { level: { type: "number" } }, required: ["level"] };
const examples = [{ payload: { level: "half" } }];
const bogus = { type: "bogus" };
const schemaFormat = "application/schema+json;version=draft-2020-12";
const cases = {
  "example, 2.6.0": two({ payload: level, examples }),
  "example, 3.0.0": three({ payload: level, examples }),
  "format, 2.6.0": two({ schemaFormat, payload: bogus }),
  "format, 3.0.0": three({ payload: { schemaFormat, schema: bogus } }),
  "no format, 3.0.0": three({ payload: bogus }),
};
const stated = {
  "example, 2.6.0": "asyncapi2-message-examples",
  "example, 3.0.0": "",
  "format, 2.6.0": "asyncapi2-schemas",
  "format, 3.0.0": "",
  "no format, 3.0.0": "asyncapi-document-resolved",
};
(async () => {
  for (const [name, document] of Object.entries(cases)) {
    const { diagnostics } = await new Parser().parse(JSON.stringify(document));
    // Only what concerns the message: the rest asks for a licence, a contact and the like.
    const about = diagnostics.filter(({ severity, path, code }) =>
      severity < 2 && /payload|schema/.test(path.join(".") + code) && !/defaultContentType|messageId/.test(code));
    const codes = [...new Set(about.map(({ code }) => code))].join(" ");
    console.log(`${name}: ${codes || "nothing"}${about.length ? ` (${about[0].message})` : ""}`);
    if (codes !== stated[name]) {
      console.error(`CHANGED: ${stated[name] || "nothing"} was expected for ${name}`);
      process.exitCode = 1;
    }
  }
})();
JS
node probe.js
