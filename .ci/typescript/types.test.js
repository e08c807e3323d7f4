// The types, with and without a page's, and under the strictest rules of tsc.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { test } from "node:test";

import { RUNTIME } from "./runtime.js";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const STRICT = [
  "--strict",
  "--exactOptionalPropertyTypes",
  "--noUncheckedIndexedAccess",
  "--noPropertyAccessFromIndexSignature",
  "--noImplicitOverride",
  "--noImplicitReturns",
  "--noFallthroughCasesInSwitch",
  "--noUnusedLocals",
  "--noUnusedParameters",
  "--erasableSyntaxOnly",
  "--isolatedModules",
  "--verbatimModuleSyntax",
  "--allowImportingTsExtensions",
  "--noEmit",
  "--target",
  "es2022",
  "--module",
  "esnext",
  "--moduleResolution",
  "bundler",
];

const hosts = {
  "a page": ["--lib", "es2022,dom", "--types", ""],
  "a worker": ["--lib", "es2022,webworker", "--types", ""],
  "Node.js": ["--lib", "es2022", "--types", "node"],
};

for (const [host, options] of Object.entries(hosts)) {
  test(`the types hold in ${host}`, () => {
    const { status, stdout } = spawnSync(here("node_modules/.bin/tsc"), [...STRICT, ...options, here("types.ts")], {
      // Where the compiler looks for the types of Node.js.
      cwd: here("."),
      encoding: "utf8",
    });
    assert.equal(stdout, "");
    assert.equal(status, 0);
  });
}

test("the part that stands for a contract is marked", () => {
  const lines = readFileSync(RUNTIME, "utf8").split("\n");
  const marks = lines.flatMap((line, index) => (/^\/\/ <\/?contract>$/.test(line) ? [[line, index]] : []));
  assert.deepEqual(marks.map(([line]) => line), ["// <contract>", "// </contract>"]);
  assert.equal(marks[0][1], 0);
});

test("every export has a doc comment", () => {
  const lines = readFileSync(RUNTIME, "utf8").split("// </contract>")[1].split("\n");
  const exported = lines.flatMap((line, index) => (line.startsWith("export ") ? [[line, lines[index - 1]]] : []));
  assert(exported.length > 15);
  assert.deepEqual(exported.filter(([, before]) => !before.endsWith("*/")), []);
});
