// The front ends that the documentation shows, against the clients that they import.

import assert from "node:assert/strict";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { frontEnds } from "./front_ends.js";
import { directory, root } from "./printed.js";
import { errors } from "./tsc.js";

const EXAMPLE = "examples/src/bin/contract";

copyFileSync(join(root, EXAMPLE, "client.ts"), join(directory, "dice.ts"));

for (const [file, module] of [
  ["README.md", "sums"],
  ["ignitia/src/contract/mod.rs", "sums"],
  [`${EXAMPLE}/main.rs`, "dice"],
]) {
  test(`the front end in ${file} is one of its client`, () => {
    const shown = frontEnds(readFileSync(join(root, file), "utf8"));
    assert.equal(shown.length, 1);
    const code = shown[0].replace(/from "[^"]*"/, `from "./${module}.ts"`);
    assert.notEqual(code, shown[0]);
    const written = join(directory, `${file.replaceAll("/", "_")}.ts`);
    writeFileSync(written, code);
    assert.equal(errors(written), "");
  });
}
