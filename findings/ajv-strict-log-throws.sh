#!/usr/bin/env bash
# ajv with `strict: "log"` throws for an unknown format, and with `strict: false` it logs.
#
# Installed: ajv 8.20.0 (npm).
# Done: two schemas, one with a format that ajv does not know (`uint32`, as schemars writes it), one with an unknown
#   keyword, are compiled with `strict` true, "log" and false.
# Expected: ajv's description of strict mode: true throws, "log" logs and goes on, false says nothing and goes on.
# Seen: so it is for the keyword. For the format "log" throws as true does, and the message says "ignored".
# It matters to pages that check messages by a schema generated from Rust types: "log" does not make it compile, it needs
#   `addFormat`, or `strict: false`, or `validateFormats: false`.
set -euo pipefail
source "$(dirname "$0")/common.bash"
npms ajv@8.20.0

cat >probe.js <<'JS'
const { default: Ajv } = require("ajv");
console.log("ajv", require("ajv/package.json").version);
const schemas = { format: { type: "integer", format: "uint32" }, keyword: { type: "string", colour: "red" } };
const seen = {};
for (const strict of [true, "log", false]) {
  for (const [name, schema] of Object.entries(schemas)) {
    const logged = [];
    const log = (line) => logged.push(line);
    let outcome;
    try {
      new Ajv({ strict, logger: { log, warn: log, error: log } }).compile(schema);
      outcome = logged.length ? "logs" : "silent";
    } catch (error) {
      outcome = `throws (${error.message})`;
    }
    console.log(`strict ${strict}, unknown ${name}: ${outcome}`);
    seen[`${strict} ${name}`] = outcome.split(" ")[0];
  }
}
const stated = {
  "true format": "throws", "true keyword": "throws",
  "log format": "throws", "log keyword": "logs",
  "false format": "logs", "false keyword": "silent",
};
for (const [what, outcome] of Object.entries(stated)) {
  if (seen[what] !== outcome) {
    console.error(`CHANGED: ${what} was ${outcome}, is ${seen[what]}`);
    process.exitCode = 1;
  }
}
JS
node probe.js
