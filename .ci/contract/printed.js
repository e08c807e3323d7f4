// The contracts that the printer writes.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the repository. */
export const root = fileURLToPath(new URL("../..", import.meta.url));
const target = process.env.CARGO_TARGET_DIR ?? resolve(root, "target");
const examples = resolve(process.env.EXAMPLES ?? join(target, "debug"), "examples");

/** A directory for one run, which is removed at its end. */
export const directory = mkdtempSync(join(tmpdir(), "ignitia-contract-"));
process.on("exit", () => rmSync(directory, { recursive: true }));

const { status, error, stderr } = spawnSync(join(examples, "contract-printer"), [directory], { encoding: "utf8" });
if (status !== 0) throw error ?? new Error(stderr);

/** Returns the text of a file. */
export const text = (name) => readFileSync(join(directory, name), "utf8");

/** Returns the content of a file of JSON. */
export const json = (name) => JSON.parse(text(name));
