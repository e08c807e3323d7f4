// Runs in Node.js, Deno and Bun, against a server that it can tell to fail: `program.js NETWORK
// CONTROL`, the ports of both. It prints a line of JSON about each of its checks.

import { ClientError, ServerError, connect, defaultRetry } from "../../ignitia/src/contract/typescript/runtime.ts";
import { generator } from "./generator.js";

const [network, control] = process.argv.slice(2);
const SILENCE = 400;

/** Tells the server, or the network, to do something. */
async function tell(what, parameters = {}) {
  const response = await fetch(`http://127.0.0.1:${control}/${what}?${new URLSearchParams(parameters)}`);
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return JSON.parse(text);
}

/** The shipped rule, a hundred times as fast. */
function quickly(end) {
  const delay = defaultRetry(end);
  return delay === null ? null : delay / 100;
}

let rooms = 0;
const clients = [];

function enter(options = {}) {
  rooms += 1;
  const room = `room ${rooms}`;
  const client = connect("room", {
    path: { room },
    query: { token: "t" },
    url: `ws://127.0.0.1:${network}`,
    silence: SILENCE,
    retry: quickly,
    ...options,
  });
  clients.push(client);
  return { client, room };
}

/** Resolves with the next state of a client that has a name, or with the present one. */
function stateIs(client, name) {
  return new Promise((resolve) => {
    if (client.state.name === name) return resolve(client.state);
    const remove = client.onState((state) => {
      if (state.name !== name) return;
      remove();
      resolve(state);
    });
  });
}

/** Resolves when `condition` holds after some message of a variant. */
function until(subscribe, condition) {
  return new Promise((resolve) => {
    const remove = subscribe((payload) => {
      if (!condition(payload)) return;
      remove();
      resolve(payload);
    });
  });
}

function equal(actual, expected) {
  const write = (value) => JSON.stringify(value, (_, it) => (typeof it === "bigint" ? `${it}n` : it));
  const [a, b] = [write(actual), write(expected)];
  if (a !== b) throw new Error(`${a.slice(0, 500)} is not ${b.slice(0, 500)}`);
}

async function rejection(promise) {
  return promise.then(
    () => Promise.reject(new Error("no rejection")),
    (error) => error,
  );
}

const checks = {
  async "messages, replies and errors"() {
    const { client } = enter();
    const heard = until(client.on.said, ({ text }) => text === "hé 🦀");
    client.send.say({ text: "hé 🦀" });
    equal((await heard).from, 1);
    const { value } = await client.request.add({ name: "a", by: 18446744073709551615n });
    equal(value, 18446744073709551615n);
    const error = await rejection(client.request.add({ name: "", by: 1 }));
    equal([error instanceof ServerError, error.code, error.path, error.message], [true, "bad_name", "name", "no name"]);
    client.close();
    equal(client.state, { name: "closed", code: 1000, reason: "", by: "user", unsent: 0 });
  },

  async "text and bytes as they are"() {
    const client = connect("raw", { url: `ws://127.0.0.1:${network}` });
    clients.push(client);
    const bytes = new Uint8Array([0, 1, 2, 255]);
    // Before the connection is open, and on it.
    client.sendRaw(bytes.subarray(1, 3));
    const echoed = [];
    for await (const data of client) {
      echoed.push(typeof data === "string" ? data : [data instanceof ArrayBuffer, ...new Uint8Array(data)]);
      if (echoed.length === 1) for (const next of ["hé 🦀", bytes, bytes.buffer, ""]) client.sendRaw(next);
      if (echoed.length === 5) client.close();
    }
    equal(echoed, [[true, 1, 2], "hé 🦀", [true, 0, 1, 2, 255], [true, 0, 1, 2, 255], ""]);
  },

  async "options that are wrong"() {
    const wrong = [{ url: "ws://x/#a" }, { url: "nonsense" }, { url: undefined }, { protocols: ["a b"] }];
    for (const options of [...wrong, { path: { room: "\ud800" } }, { silence: NaN }]) {
      const error = await rejection(Promise.resolve().then(() => enter(options)));
      equal([error instanceof ClientError, error.code], [true, "bad_option"]);
    }
    const { client } = enter({ url: async () => "ws://x/#a" });
    const { by, reason } = await stateIs(client, "closed");
    equal([by, reason.startsWith("ClientError: the option `url` cannot be")], ["rule", true]);
  },

  async "headers, by a function that opens the WebSocket"() {
    const options = { query: { token: "in-header" }, protocols: ["v1", "v2"] };
    const webSocket = (url, protocols) => new WebSocket(url, { headers: { "X-Token": "secret" }, protocols });
    const { client } = enter({ ...options, webSocket });
    equal((await stateIs(client, "open")).name, "open");
    equal((await client.request.add({ name: "a", by: 1 })).value, 1);
    client.close();
    const without = enter({ ...options, attempts: 1 });
    equal((await stateIs(without.client, "closed")).by, "rule");
    const broken = enter({ ...options, webSocket: () => undefined });
    const { reason } = await stateIs(broken.client, "closed");
    equal(reason.startsWith("ClientError: the result of `webSocket` cannot be undefined"), true);
  },

  async "an iteration ends with the client"() {
    const { client, room } = enter();
    await stateIs(client, "open");
    const publishing = Promise.resolve().then(() => tell("publish", { room, from: 0, count: 3 }));
    const texts = [];
    for await (const message of client) {
      if (message.type === "said") texts.push(message.text);
      if (texts.length === 3) client.send.leave();
    }
    await publishing;
    equal(texts, ["0", "1", "2"]);
    equal(client.state, { name: "closed", code: 1000, reason: "you left", by: "rule", unsent: 0 });
  },

  async "close codes of the server"() {
    const codes = { 1008: "closed", 1011: "waiting", 1012: "waiting", 1013: "waiting", 3003: "closed", 4001: "closed" };
    for (const [code, name] of Object.entries(codes)) {
      const { client, room } = enter();
      await stateIs(client, "open");
      const next = stateIs(client, name);
      await tell("close", { room, code, reason: `because of ${code}` });
      const state = await next;
      equal([state.code, state.reason], [Number(code), `because of ${code}`]);
      client.close();
    }
  },

  async "a refused handshake"() {
    const { client } = enter({ query: { token: "refused" } });
    const { code, by } = await stateIs(client, "closed");
    equal([code, by], [1006, "rule"]);
    const { client: fresh } = enter({ query: async () => ({ token: "t" }) });
    await stateIs(fresh, "open");
    fresh.close();
  },

  async "a connection that is refused"() {
    const { client } = enter({ url: "ws://127.0.0.1:9", attempts: 2 });
    const { code } = await stateIs(client, "closed");
    equal(code, 1006);
  },

  async "a handshake that is never answered"() {
    let { port } = await tell("silence");
    const { client } = enter({ connectTimeout: 200, url: () => `ws://127.0.0.1:${port}` });
    const { code, reason } = await stateIs(client, "waiting");
    equal([code, reason], [1006, "no connection in time"]);
    port = network;
    await stateIs(client, "open");
    client.close();
  },

  async "a request under way when the connection is cut"() {
    const { client } = enter();
    await client.request.total();
    await tell("swallow");
    const lost = rejection(client.request.total());
    const repeated = client.request.total(undefined, { repeat: true });
    await tell("cut");
    const error = await lost;
    equal([error instanceof ClientError, error.code], [true, "connection_lost"]);
    await repeated;
    client.close();
  },

  async "half-open connections are noticed within twice the silence"() {
    let longest = 0;
    for (let count = 0; count < 5; count += 1) {
      const { client } = enter();
      await client.request.total();
      const since = performance.now();
      await tell("swallow");
      const { reason } = await stateIs(client, "waiting");
      equal(reason, "no answer to `$ping`");
      longest = Math.max(longest, performance.now() - since);
      await client.request.total();
      client.close();
    }
    return `${Math.round(longest)} ms of ${2 * SILENCE}`;
  },

  async "a restart that forgets says so"() {
    const { client, room } = enter();
    await stateIs(client, "open");
    const heard = until(client.on.said, ({ text }) => text === "0");
    await tell("publish", { room, from: 0, count: 1 });
    await heard;
    const outcome = until((listener) => client.onResumed(listener), () => true);
    await tell("restart", { code: 1012, forgets: "true" });
    equal(await outcome, { room, lost: true });
    client.close();
  },

  async "numbered messages through failures of all kinds"() {
    const ROUNDS = 60;
    const COUNT = 50;
    const random = generator(7);
    const { client, room } = enter({ queue: Infinity });
    const heard = [];
    const texts = [];
    const outcomes = { recovered: 0, lost: 0, states: {} };
    client.onState(({ name }) => (outcomes.states[name] = (outcomes.states[name] ?? 0) + 1));
    client.on.said(({ text }) => (text.startsWith("own ") ? texts : heard).push(text));
    client.onResumed((resumed) => {
      if ("lost" in resumed) outcomes.lost += 1;
      else outcomes.recovered += resumed.recovered;
    });
    const requests = [client.request.total()];
    await requests[0];
    for (let round = 0; round < ROUNDS; round += 1) {
      const publishing = tell("publish", { room, from: round * COUNT, count: COUNT });
      client.send.say({ text: `own ${round}` });
      requests.push(client.request.total(undefined, { repeat: true, timeout: 30_000 }));
      const fault = Math.floor(random() * 6);
      if (fault === 0) await tell("restart", { code: 1012 });
      else if (fault === 1) await tell("swallow");
      else if (fault < 5) await tell("cut");
      await publishing;
      // The next failure comes at any moment, or after all is well.
      if (random() < 0.6) await Promise.all(requests);
    }
    const over = until(client.on.said, ({ text }) => text === "end");
    await Promise.all(requests);
    await tell("publish", { room, text: "end" });
    await over;
    client.close();
    equal(heard, [...Array.from({ length: ROUNDS * COUNT }, (_, number) => String(number)), "end"]);
    const { said } = await tell("said");
    const sent = said.filter((text) => text.startsWith("own "));
    // At most once, and in order; who is told of it hears of all that arrived.
    equal(sent, Array.from({ length: ROUNDS }, (_, round) => `own ${round}`).filter((text) => sent.includes(text)));
    equal(texts, sent);
    equal(outcomes.lost, 0);
    const { states, recovered } = outcomes;
    const lost = ROUNDS - sent.length;
    return `${heard.length} messages, ${states.open} reconnects, ${recovered} recovered, ${lost} of ${ROUNDS} own lost`;
  },
};

for (const [name, check] of Object.entries(checks)) {
  try {
    console.log(JSON.stringify({ name, measured: await check() }));
  } catch (error) {
    console.log(JSON.stringify({ name, error: `${error}\n${error?.stack}` }));
  }
  for (const client of clients.splice(0)) client.close();
}
// Sockets that wait for an answer to their close frame keep Node.js alive.
await tell("forgetUnanswered");
await tell("cut");
// The program ends here by itself: closed clients leave nothing behind.
