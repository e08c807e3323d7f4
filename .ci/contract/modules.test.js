// The modules of TypeScript and JavaScript for contracts that are large, or hard on a generator.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { directory, json, text } from "./printed.js";
import { errors } from "./tsc.js";

for (const name of ["rich", "hostile", "many"]) {
  test(`the ${name} contract is a module of TypeScript`, () => {
    assert.equal(errors(join(directory, `${name}.ts`)), "");
  });

  test(`the ${name} contract is a module of JavaScript`, () => {
    const file = join(directory, `${name}.mjs`);
    copyFileSync(join(directory, `${name}.js`), file);
    const { stderr } = spawnSync(process.execPath, ["--check", file], { encoding: "utf8" });
    assert.equal(stderr, "");
  });

  test(`the ${name} contract has all endpoints in all forms`, () => {
    const endpoints = Object.keys(json(`${name}.json`).channels);
    const key = (name) => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name));
    for (const form of ["ts", "js"]) {
      const missing = endpoints.filter((endpoint) => !text(`${name}.${form}`).includes(`\n  ${key(endpoint)}: {`));
      assert.deepEqual(missing, []);
    }
    assert(endpoints.every((endpoint) => endpoint !== ""));
  });
}

test("no text of a contract is code", () => {
  const evil = text("hostile.ts").split("\n").filter((line) => /^\s*export type Evil/.test(line));
  assert.deepEqual(evil, []);
});
