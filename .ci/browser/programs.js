// The programs that the pages talk to.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { within } from "./harness.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const target = process.env.CARGO_TARGET_DIR ?? resolve(root, "target");
const binaries = resolve(process.argv[2] ?? process.env.EXAMPLES ?? resolve(target, "debug"));

const children = new Set();

/** Starts a program with these variables; it has to say where it listens. `onLine` is told all that it says then. */
export async function run(name, variables, onLine = () => {}) {
  const child = spawn(resolve(binaries, name), {
    env: { ...process.env, RUST_LOG: process.env.RUST_LOG ?? "warn", ...variables },
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.add(child);
  const exited = once(child, "exit").finally(() => children.delete(child));
  const gone = exited.then(([status, signal]) => Promise.reject(new Error(`${name} ended with ${status ?? signal}`)));
  gone.catch(() => {});
  const lines = createInterface({ input: child.stdout });
  const [said] = await within(Promise.race([once(lines, "line"), gone]), name);
  lines.on("line", onLine);
  return {
    /** Where it listens. */
    urls: said.replace(/^listening on /, "").split(" ").map((url) => new URL(url)),
    /** SIGTERM; resolves when the process has ended, well. */
    async stop() {
      child.kill("SIGTERM");
      const [status, signal] = await within(exited, `the end of ${name}`);
      assert.equal(status, 0, `${name} ended with ${status ?? signal}`);
    },
  };
}

/** Starts an example. */
export async function start(name, port = 0) {
  const program = await run(name, { PORT: String(port) });
  const [url] = program.urls;
  return { ...program, url, port: Number(url.port) };
}

/** Ends what is left when something went wrong. */
export function killAll() {
  for (const child of children) child.kill("SIGKILL");
}
