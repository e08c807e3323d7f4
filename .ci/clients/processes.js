// The programs that are started here. None outlives this one.

import { spawn } from "node:child_process";
import { once } from "node:events";

import { within } from "../browser/harness.js";

const children = new Set();

process.once("exit", () => {
  for (const child of children) child.kill("SIGKILL");
});

/** Starts a program. `ended` resolves when it has ended, and `end` tells it to. */
export function start(command, options, settings) {
  const child = spawn(command, options, settings);
  children.add(child);
  const gone = Promise.race([once(child, "exit"), once(child, "error")]).finally(() => children.delete(child));
  gone.catch(() => {});
  const ended = () => within(gone, `the end of ${command}`);
  return {
    child,
    ended,
    end() {
      child.kill();
      return ended();
    },
  };
}
