// The size of the client in a page: minified and compressed.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

import { transformSync } from "esbuild";

import { RUNTIME } from "./runtime.js";

const MOST = 5 * 1024;

test("the client is small", (t) => {
  const { code } = transformSync(readFileSync(RUNTIME, "utf8"), { loader: "ts", minify: true, format: "esm" });
  const size = gzipSync(code, { level: 9 }).length;
  t.diagnostic(`${code.length} bytes minified, ${size} bytes compressed`);
  // Messages are types: an endpoint with ten variants is not larger than the four here.
  assert(size <= MOST, `${size} bytes`);
});
