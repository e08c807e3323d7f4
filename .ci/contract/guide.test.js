// The front ends of the guide, against the client of its endpoints.

import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { frontEnds } from "./front_ends.js";
import { directory, root } from "./printed.js";
import { errors } from "./tsc.js";

const CHAPTERS = join(root, "ignitia/docs/guide/src");
const IMPORT = `import { connect } from "./guide.ts";\n`;

/** By chapter, the lines that its front ends need before them. */
const preludes = {
  "learning/browser.md": [
    "",
    `${IMPORT}declare const freshToken: () => Promise<string>;\n`,
    // As in Node.js: the types of a page know no headers.
    `${IMPORT}declare const token: string;
    declare const WebSocket: new (url: URL, options: { headers: object; protocols: string[] }) => globalThis.WebSocket;\n`,
  ],
  "learning/stored-messages.md": [`import { connect, type Integer, type Post } from "./guide.ts";\n`],
  "recipes/upload.md": [IMPORT],
};

const chapter = (name) => readFileSync(join(CHAPTERS, name), "utf8");

test("the chapters with front ends are these", () => {
  const files = readdirSync(CHAPTERS, { recursive: true }).filter((name) => name.endsWith(".md"));
  const shown = files.filter((name) => frontEnds(chapter(name)).length > 0);
  assert.deepEqual(shown.sort(), Object.keys(preludes).sort());
});

test("the printer has the messages of the chapters", () => {
  const printer = readFileSync(new URL("printer/guide.rs", import.meta.url), "utf8").replaceAll(/\s+/g, " ");
  for (const name of Object.keys(preludes)) {
    const variants = [...chapter(name).matchAll(/enum \w+ (\{[^}]*\{.*?^\})/gms)];
    assert.equal(variants.length, 2, name);
    for (const [, text] of variants) assert(printer.includes(text.replaceAll(/\s+/g, " ")), `${name}: ${text}`);
  }
});

for (const [name, before] of Object.entries(preludes)) {
  test(`the front ends in ${name} are those of its client`, () => {
    const shown = frontEnds(chapter(name));
    assert.equal(shown.length, before.length);
    for (const [index, code] of shown.entries()) {
      const written = join(directory, `${name.replaceAll("/", "_")}.${index}.ts`);
      writeFileSync(written, `${before[index]}${code.replace('from "./api"', 'from "./guide.ts"')}\nexport {};\n`);
      assert.equal(errors(written), "");
    }
  });
}
