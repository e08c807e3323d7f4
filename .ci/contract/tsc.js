// The TypeScript compiler.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const STRICT = [
  "--strict",
  "--exactOptionalPropertyTypes",
  "--noUncheckedIndexedAccess",
  "--erasableSyntaxOnly",
  "--allowImportingTsExtensions",
  "--noEmit",
  "--target",
  "es2022",
  "--module",
  "esnext",
  "--moduleResolution",
  "bundler",
  "--lib",
  "es2022,dom",
  "--types",
  "",
];

/** Returns the errors in a file, one a line. */
export function errors(file) {
  const tsc = fileURLToPath(new URL("node_modules/.bin/tsc", import.meta.url));
  const { stdout, status, error } = spawnSync(tsc, [...STRICT, file], { encoding: "utf8" });
  if (error !== undefined) throw error;
  return status === 0 || stdout !== "" ? stdout : `tsc ended with ${status}`;
}
