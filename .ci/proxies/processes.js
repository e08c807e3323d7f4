// Processes of the tests. What was started ends with the run.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { within } from "./waiting.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const target = process.env.CARGO_TARGET_DIR ?? resolve(root, "target");
const examples = resolve(process.env.EXAMPLES ?? resolve(target, "debug"), "examples");

const children = new Set();
process.on("exit", () => children.forEach(killGroup));
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(1));

/** Kills a process and those that it has started, such as the workers of a proxy. */
function killGroup({ pid }) {
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    if (error.code !== "ESRCH") throw error; // It has ended just now.
  }
}

/** Starts a program. `died` rejects when it ends; `stop` ends it by a signal, and returns how it ended. */
export function start(name, program, options, { env = {}, stdout = "inherit" } = {}) {
  const stdio = ["ignore", stdout, "inherit"];
  const child = spawn(program, options, { env: { ...process.env, ...env }, stdio, detached: true });
  children.add(child);
  const exited = once(child, "exit").finally(() => children.delete(child));
  const died = exited.then(([status, signal]) => Promise.reject(new Error(`${name} ended with ${status ?? signal}`)));
  died.catch(() => {});
  return {
    child,
    died,
    kill: (signal) => child.kill(signal),
    exited: () => within(exited, `the end of ${name}`),
  };
}

/** A server of ours, with the ends of its connections by their tags. */
export class Server {
  #process;
  #ends = new Map();

  constructor(name) {
    this.name = name;
    const program = resolve(examples, "proxies-server");
    this.#process = start(name, program, [], { env: { NAME: name }, stdout: "pipe" });
  }

  async listening() {
    const lines = createInterface({ input: this.#process.child.stdout });
    const [said] = await within(Promise.race([once(lines, "line"), this.#process.died]), "the server");
    lines.on("line", (line) => {
      const { tag, ...end } = JSON.parse(line);
      this.#end(tag).resolve(end);
    });
    const [, plain, tls] = /^listening on 127\.0\.0\.1:(\d+) 127\.0\.0\.1:(\d+)$/.exec(said);
    Object.assign(this, { plain: Number(plain), tls: Number(tls) });
    return this;
  }

  #end(tag) {
    if (!this.#ends.has(tag)) {
      let resolve;
      const promise = new Promise((done) => (resolve = done));
      this.#ends.set(tag, { promise, resolve });
    }
    return this.#ends.get(tag);
  }

  /** Returns how the connection with this tag has ended, as the server saw it. */
  end(tag) {
    return within(this.#end(tag).promise, `the server's record of ${tag}`);
  }

  /** Sends SIGTERM, and waits until notice of the drain is given. */
  async giveNotice() {
    this.#process.kill("SIGTERM");
    const isReady = async () => (await fetch(`http://127.0.0.1:${this.plain}/readyz`)).ok;
    while (await within(isReady(), "an answer in the notice"));
  }

  async exited() {
    assert.deepEqual(await this.#process.exited(), [0, null], "the server has not ended well");
  }
}
