import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { JAVASCRIPT, javascript } from "./javascript.js";

test("the JavaScript is what the compiler makes of the TypeScript", () => {
  const written = readFileSync(JAVASCRIPT, "utf8");
  assert.ok(written === javascript(), "write it anew: node .ci/typescript/javascript.js");
});
