// The file as it is, in real hosts, over real connections that fail.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describe, test } from "node:test";

import { Network, Server } from "./server.js";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const DEADLINE = 45_000;

const hosts = {
  "Node.js": ["node"],
  Deno: ["deno", "run", "--quiet", "--allow-all", "--check"],
  Bun: ["bun", "run"],
};

/** A server, a network, and an HTTP server by which a program controls both. */
async function stage() {
  const server = new Server();
  await server.start();
  const network = new Network(server);
  await network.start();
  const unanswered = new Set();
  const silence = createTcpServer((socket) => unanswered.add(socket.on("error", () => {})));
  silence.listen(0, "127.0.0.1");
  await once(silence, "listening");
  const actions = {
    publish({ room, from, count, text }) {
      const texts = text ? [text] : Array.from({ length: Number(count) }, (_, index) => String(Number(from) + index));
      for (const text of texts) server.room(room).broadcast({ type: "said", from: 1, text });
    },
    close({ room, code, reason }) {
      for (const member of server.room(room).members) member.close(Number(code), reason);
    },
    async restart({ code, forgets }) {
      await server.stop(Number(code));
      if (forgets) server.forget();
      await server.start();
    },
    cut: () => network.cut(),
    swallow: () => network.swallow(),
    // A port where nothing is ever answered.
    silence: () => ({ port: silence.address().port }),
    forgetUnanswered: () => unanswered.forEach((socket) => socket.destroy()),
    said: () => ({ said: server.said }),
  };
  const control = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, "http://control");
    try {
      const result = await actions[pathname.slice(1)](Object.fromEntries(searchParams));
      response.end(JSON.stringify(result ?? {}));
    } catch (error) {
      response.writeHead(500).end(error.stack);
    }
  });
  control.listen(0, "127.0.0.1");
  await once(control, "listening");
  return {
    network: network.port,
    control: control.address().port,
    async stop() {
      control.close();
      control.closeAllConnections();
      silence.close();
      network.stop();
      await server.stop(1001);
    },
  };
}

/** Runs the program in a host; each of its checks is a test. */
async function run(t, [program, ...options]) {
  const { network, control, stop } = await stage();
  t.after(stop);
  const child = spawn(here(`node_modules/.bin/${program}`), [...options, here("program.js"), network, control], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exit = once(child, "exit");
  const watchdog = setTimeout(() => child.kill("SIGKILL"), DEADLINE);
  t.after(() => child.kill("SIGKILL"));
  let count = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const { name, measured, error } = JSON.parse(line);
    count += 1;
    await t.test(name, (t) => {
      if (measured) t.diagnostic(measured);
      assert.equal(error, undefined, error);
    });
  }
  clearTimeout(watchdog);
  assert.deepEqual(await exit, [0, null]);
  assert.equal(count, 13);
}

describe("over real connections", { concurrency: true }, () => {
  for (const [host, command] of Object.entries(hosts)) test(host, (t) => run(t, command));
});
