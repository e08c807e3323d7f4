// The size of the client in a page: minified and compressed, with an endpoint of ten variants.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

import { transformSync } from "esbuild";

import { RUNTIME } from "./runtime.js";

const MOST = 7 * 1024;

const words = ["say", "add", "total", "leave", "open", "rename", "invite", "remove", "history", "typing"];

/** The table of an endpoint, as a contract has it. The types are not there at run time. */
const TABLE = `const endpoints = {
  room: {
    path: "/rooms/{room}", sent: ["type"], received: ["type"], send: ${JSON.stringify(words)},
    on: ${JSON.stringify(words.map((word) => `was_${word}`))}, request: ${JSON.stringify(words.slice(0, 5))},
    id: "id", resumes: true, subprotocols: ["v2"]
  },
};`;

test("the client is small", (t) => {
  const [, client] = readFileSync(RUNTIME, "utf8").split("// </contract>\n");
  const { code } = transformSync(TABLE + client, { loader: "ts", minify: true, format: "esm" });
  const size = gzipSync(code, { level: 9 }).length;
  t.diagnostic(`${code.length} bytes minified, ${size} bytes compressed`);
  assert(size <= MOST, `${size} bytes`);
});
