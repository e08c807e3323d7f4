// The runtime as a module, for hosts that do not read TypeScript.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { transformSync } from "esbuild";

export const RUNTIME = new URL("../../ignitia/src/contract/typescript/runtime.ts", import.meta.url);

const { code } = transformSync(readFileSync(RUNTIME, "utf8"), { loader: "ts", target: "es2022" });
const directory = mkdtempSync(join(tmpdir(), "ignitia-"));
const file = join(directory, "runtime.mjs");
writeFileSync(file, code);

export const { connect, defaultRetry, ClientError, ServerError } = await import(pathToFileURL(file).href).finally(() =>
  rmSync(directory, { recursive: true }),
);
