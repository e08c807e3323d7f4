// Each proxy in front of two servers: connections first, and then a drain of one server after the other.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { ADDRESS, announcesConnect, closeAll, open } from "./client.js";
import { Server } from "./processes.js";
import { startAll } from "./proxies.js";

/** Time for all of it, in milliseconds. It takes less than 15 s. */
const LIMIT = 120_000;
const FORGED = { "x-forwarded-for": "203.0.113.9" };
setTimeout(() => {
  console.error(`the tests of proxies took more than ${LIMIT} ms`);
  process.exit(1);
}, LIMIT).unref();

const servers = await Promise.all(["a", "b"].map((name) => new Server(name).listening()));
const [a, b] = servers;
const proxies = await startAll(servers);
const ways = proxies.flatMap((proxy) => proxy.versions.map((version) => ({ proxy, version })));
const nameOf = ({ proxy, version }) => `${proxy.name}, HTTP/${version}`;

let tags = 0;

/** Opens an echo, and returns it with the greeting. */
async function echo({ proxy, version }, headers = {}) {
  const tag = String((tags += 1));
  const { socket, ...refusal } = await open(proxy, `/echo/${tag}`, { version, headers });
  assert(socket, `a WebSocket through ${proxy.name}, not ${JSON.stringify(refusal)}`);
  if (proxy.holdsGreeting) socket.send("go on");
  const greeting = JSON.parse(await socket.next());
  if (proxy.holdsGreeting) assert.equal(await socket.next(), "go on");
  const server = servers.find(({ name }) => name === greeting.name);
  return { socket, greeting, end: () => server.end(tag) };
}

after(async () => {
  closeAll();
  await Promise.all(proxies.map((proxy) => proxy.stop()));
});

for (const way of ways) {
  const { proxy, version } = way;
  const refused = async (path, options = {}) => {
    const { socket, ...refusal } = await open(proxy, path, { version, ...options });
    assert.equal(socket, undefined, `${path} opens a WebSocket`);
    return refusal;
  };

  test(nameOf(way), async (t) => {
    await t.test("carries messages, and the client's address but not a forged one", async () => {
      const { socket, greeting } = await echo(way, proxy.file === "haproxy-tcp.cfg" ? {} : FORGED);
      assert.equal(greeting.peer, ADDRESS);
      for (const text of ["hello", "é".repeat(400_000)]) {
        socket.send(text);
        assert.equal(await socket.next(), text);
      }
      socket.close(1000, "");
      await socket.closed();
    });

    await t.test("carries the client's close code", async () => {
      const { socket, end } = await echo(way);
      socket.close(4002, "bye");
      assert.deepEqual(await end(), { kind: "Peer", code: 4002, reason: "bye", clean: true });
    });

    await t.test("carries the server's close code", async () => {
      const { socket, end } = await echo(way);
      socket.send('{"code":4003,"reason":"enough"}');
      assert.deepEqual(await socket.closed(), { code: 4003, reason: "enough" });
      assert.deepEqual(await end(), { kind: "Local", code: 4003, reason: "enough", clean: true });
    });

    await t.test("carries a refusal with its body", async () => {
      const { status, body } = await refused("/login");
      assert.deepEqual([status, body], [401, "log in first"]);
    });

    await t.test("lets foreign pages be told from our own", async () => {
      const foreign = await refused("/echo/foreign", { origin: "https://evil.example" });
      assert.equal(foreign.status, 403);
      assert.match(foreign.body, /origin/i);
      const unencrypted = await refused("/same-origin", { origin: `http://127.0.0.1:${proxy.port}` });
      assert.equal(unencrypted.status, 403, "an origin of another scheme");
      const { socket } = await open(proxy, "/same-origin", { version });
      socket.close(1000, "");
      await socket.closed();
    });
  });
}

for (const proxy of proxies) {
  const { name, versions } = proxy;
  const announces = versions.includes("2");
  test(`${name} ${announces ? "announces" : "does not announce"} extended CONNECT`, async () => {
    assert.equal(await announcesConnect(proxy), announces);
  });
}

/** Closes a WebSocket, and returns the name of its server. */
async function nameOfServer(way) {
  const { socket, greeting } = await echo(way);
  socket.close(1000, "");
  await socket.closed();
  return greeting.name;
}

/** Opens an echo on a server. Proxies take turns between the servers. */
async function echoOn(server, way) {
  for (let turn = 0; turn < 10; turn += 1) {
    const opened = await echo(way);
    if (opened.greeting.name === server.name) return opened;
    opened.socket.close(1000, "");
    await opened.socket.closed();
  }
  assert.fail(`${nameOf(way)} leads to no server ${server.name}`);
}

/** Gives notice to a server, and checks the ends of its clients. `inNotice` runs in between. */
async function drain(server, ways, inNotice) {
  const clients = await Promise.all(ways.map((way) => echoOn(server, way)));
  await server.giveNotice();
  await inNotice();
  for (const { socket, end } of clients) {
    assert.deepEqual(await socket.closed(), { code: 1001, reason: "the server is shutting down" });
    assert.deepEqual(await end(), { kind: "Shutdown", code: 1001, reason: "the server is shutting down", clean: true });
  }
  await server.exited();
}

/** Checks that new handshakes are refused. With no server left, HAProxy may answer by itself, without Retry-After. */
async function assertRefusals(ways) {
  await Promise.all(ways.map(async (way) => {
    const { status, headers } = await open(way.proxy, "/echo/late", { version: way.version });
    assert.equal(status, 503, nameOf(way));
    if (way.proxy.file !== "haproxy.cfg") assert.equal(headers["retry-after"], "5", nameOf(way));
  }));
}

test("a drain of one server: its clients are told, new ones go to the other or are told when to come back", async () => {
  const retrying = ways.filter(({ proxy }) => proxy.retries);
  await drain(a, ways, async () => {
    await assertRefusals(ways.filter(({ proxy }) => !proxy.retries));
    for (const way of [...retrying, ...retrying]) assert.equal(await nameOfServer(way), "b", nameOf(way));
  });
  for (const way of [...retrying, ...retrying]) assert.equal(await nameOfServer(way), "b", nameOf(way));
  await drain(b, retrying, () => assertRefusals(retrying));
});
