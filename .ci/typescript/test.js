// The runtime of the TypeScript client: its rules, its types, its size, and real connections in
// Node.js, Deno and Bun.
//
//     npm --prefix .ci/typescript install
//     node .ci/typescript/test.js [<name of a file of tests, such as storm> ..]

import { readdirSync } from "node:fs";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { fileURLToPath } from "node:url";

const directory = fileURLToPath(new URL(".", import.meta.url));
const subjects = readdirSync(directory).filter((file) => file.endsWith(".test.js")).map((file) => file.slice(0, -8));
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !subjects.includes(name));
if (unknown.length > 0) {
  console.error(`there is no ${unknown.join(", ")}; there are ${subjects.join(", ")}`);
  process.exit(1);
}

const files = (wanted.length > 0 ? wanted : subjects).map((name) => `${directory}${name}.test.js`);
const tests = run({ files, concurrency: 2 });
tests.on("test:fail", () => (process.exitCode = 1));
tests.compose(new spec()).pipe(process.stdout);
