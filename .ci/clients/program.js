// What Node.js, Deno and Bun run. `program.js CLIENT FILE` prints its version, sends the messages of the file to each URL
// that it reads from stdin, and prints a line of JSON about each.

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

import { exchange } from "./exchange.js";

const packageVersion = (name) =>
  JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url), "utf8")).version;

const clients = {
  node: () => ({ version: `Node.js ${process.version}, undici ${process.versions.undici}`, WebSocket }),
  deno: () => ({ version: `Deno ${process.versions.deno}`, WebSocket }),
  bun: () => ({ version: `Bun ${process.versions.bun}`, WebSocket }),
  undici: async () => ({ version: `undici ${packageVersion("undici")}`, ...(await import("undici")) }),
  ws: async () => ({ version: `ws ${packageVersion("ws")}`, ...(await import("ws")), more: fragments }),
};

/** Sends messages in fragments, with pings between them. */
async function fragments({ socket, compare }) {
  for (const message of messages.inFragments) {
    message.parts.forEach((part, at) => {
      const data = message.text === undefined ? Buffer.from(part, "base64") : part;
      socket.send(data, { fin: at === message.parts.length - 1 });
      socket.ping(`after ${at}`);
    });
    await compare(message);
  }
}

const [client, file] = process.argv.slice(2);
const messages = JSON.parse(readFileSync(file, "utf8"));
const { version, WebSocket: Socket, more } = await clients[client]();
console.log(version);

for await (const url of createInterface({ input: process.stdin })) {
  const exchanged = exchange({ url, messages, dial: (url) => new Socket(url), more });
  console.log(JSON.stringify(await exchanged.catch((error) => ({ error: String(error) }))));
}
