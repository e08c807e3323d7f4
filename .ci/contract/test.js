// What is generated from the enums of messages, against the tools that will read it.
//
//     cargo build --example contract-printer
//     npm --prefix .ci/contract install
//     node .ci/contract/test.js [<directory of the binaries> [<name of a file of tests> ..]]

import { readdirSync } from "node:fs";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { fileURLToPath } from "node:url";

const directory = fileURLToPath(new URL(".", import.meta.url));
const subjects = readdirSync(directory).filter((file) => file.endsWith(".test.js")).map((file) => file.slice(0, -8));
const [binaries, ...wanted] = process.argv.slice(2);
const unknown = wanted.filter((name) => !subjects.includes(name));
if (unknown.length > 0) {
  console.error(`there is no ${unknown.join(", ")}; there are ${subjects.join(", ")}`);
  process.exit(1);
}

if (binaries !== undefined) process.env.EXAMPLES = binaries;
const files = (wanted.length > 0 ? wanted : subjects).map((name) => `${directory}${name}.test.js`);
const tests = run({ files, concurrency: 2 });
tests.on("test:fail", () => (process.exitCode = 1));
tests.compose(new spec()).pipe(process.stdout);
