// The clients that are programs: each takes URLs on stdin and prints what it has seen.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { within } from "../browser/harness.js";
import { messages } from "./messages.js";
import { start } from "./processes.js";

const here = fileURLToPath(new URL(".", import.meta.url));
const target = resolve(here, "../..", process.env.CARGO_TARGET_DIR ?? "target");

async function program(command, ...options) {
  const directory = await mkdtemp(join(tmpdir(), "messages-"));
  const file = join(directory, "messages.json");
  await writeFile(file, JSON.stringify(messages));
  const { child, ended } = start(command, [...options, file], { cwd: here, stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await within(lines.next(), command);
    if (done) throw new Error(`${command} has ended`);
    return value;
  };
  return {
    version: await next(),
    async exchange(url) {
      child.stdin.write(`${url}\n`);
      const { error, ...seen } = JSON.parse(await next());
      if (error) throw new Error(error);
      return seen;
    },
    async close() {
      child.stdin.end();
      await ended();
      await rm(directory, { recursive: true });
    },
  };
}

const installed = (name) => resolve(here, "node_modules/.bin", name);

export const nodeProgram = (...options) => program(process.execPath, ...options);
export const denoProgram = () => program(installed("deno"), "run", "--allow-all", "--no-config", "program.js", "deno");
export const bunProgram = () => program(installed("bun"), "program.js", "bun");
export const pythonProgram = () => program(resolve(target, "clients/bin/python"), "program.py");
