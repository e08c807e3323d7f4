// The client as JavaScript, as the TypeScript compiler writes it without the types. Run by itself,
// it writes the file that stands beside the source.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const COMPILER = fileURLToPath(new URL("node_modules/.bin/tsc", import.meta.url));
const SOURCE = new URL("../../ignitia/src/contract/typescript/runtime.ts", import.meta.url);
export const JAVASCRIPT = new URL("../../ignitia/src/contract/typescript/runtime.js", import.meta.url);

const END = "// </contract>\n";

/** Returns the client behind the contract, without types. */
export function javascript() {
  const source = readFileSync(SOURCE, "utf8");
  const directory = mkdtempSync(join(tmpdir(), "ignitia-"));
  try {
    const file = join(directory, "client.ts");
    writeFileSync(file, source.slice(source.indexOf(END) + END.length).trimStart());
    // The types of the contract are missing here, and are not needed.
    execFileSync(COMPILER, ["--ignoreConfig", "--noCheck", "--target", "es2022", "--module", "esnext", file]);
    return readFileSync(join(directory, "client.js"), "utf8");
  } finally {
    rmSync(directory, { recursive: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(JAVASCRIPT, javascript());
