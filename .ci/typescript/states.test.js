import assert from "node:assert/strict";
import { test } from "node:test";

import { FakePage, fakeWorld } from "./fakes.js";
import { defaultRetry } from "./runtime.js";

const names = (client) => client.states.map(({ name }) => name);

const end = (changes) => ({
  code: 1006,
  reason: "",
  attempt: 0,
  wasOpen: true,
  everOpen: true,
  isDead: false,
  cause: undefined,
  previous: undefined,
  isOnline: true,
  isRefreshable: false,
  attempts: 5,
  spread: 10_000,
  ...changes,
});

test("a client that its user closes", async (t) => {
  const world = fakeWorld(t);
  const client = await world.open();
  assert.deepEqual(names(client), ["connecting", "open"]);
  client.close(4001, "enough");
  assert.deepEqual(client.state, { name: "closed", code: 4001, reason: "enough", by: "user", unsent: 0 });
  assert.equal(world.clock.countTimers(), 0);
  assert.deepEqual(world.socket.closed, { code: 4001, reason: "enough" });
  world.socket.end(1006);
  client.close();
  await world.pass(100_000);
  assert.deepEqual([names(client), world.sockets.length], [["connecting", "open", "closed"], 1]);
});

test("a close code or reason that no program may send changes nothing", async (t) => {
  const world = fakeWorld(t);
  const client = await world.open();
  for (const code of [0, 999, 1001, 1005, 2999, 5000, NaN, 4000.5, "4000"]) {
    assert.throws(() => client.close(code), { name: "ClientError", code: "bad_option" }, code);
  }
  assert.throws(() => client.close(4000, "é".repeat(62)), { code: "bad_option" });
  assert.deepEqual([client.state.name, world.socket.closed], ["open", null]);
  client.close(4999, `${"é".repeat(61)}.`);
  assert.equal(client.state.name, "closed");
});

test("a client that is closed before it is open", async (t) => {
  const world = fakeWorld(t);
  const client = world.connect("jobs");
  client.close();
  await world.settle();
  assert.deepEqual([names(client), world.sockets.length], [["connecting", "closed"], 0]);
});

test("a client that is closed while it waits makes no attempt", async (t) => {
  const world = fakeWorld(t);
  const client = await world.open();
  world.socket.end(1006);
  client.close();
  await world.pass(100_000);
  assert.deepEqual([client.state.name, world.sockets.length], ["closed", 1]);
});

test("a closed client connects when it is told to", async (t) => {
  const world = fakeWorld(t);
  const client = await world.open();
  world.socket.end(1000, "you left");
  assert.deepEqual(client.state, { name: "closed", code: 1000, reason: "you left", by: "rule", unsent: 0 });
  client.reconnect();
  await world.settle();
  world.socket.open();
  client.reconnect();
  await world.settle();
  assert.deepEqual(names(client), ["connecting", "open", "closed", "connecting", "open"]);
  assert.equal(world.sockets.length, 2);
});

test("a waiting client says until when, and why", async (t) => {
  const world = fakeWorld(t, { random: 0.25 });
  const client = await world.open();
  world.socket.end(1012, "a new version");
  assert.deepEqual(client.state, { name: "waiting", until: Date.now() + 2_500, code: 1012, reason: "a new version" });
  await world.pass(2_499);
  assert.equal(world.sockets.length, 1);
  await world.pass(1);
  assert.deepEqual([client.state.name, world.sockets.length], ["connecting", 2]);
});

test("a waiting client connects at once when it is told to", async (t) => {
  const world = fakeWorld(t);
  const client = await world.open();
  world.socket.end(1012);
  client.reconnect();
  await world.settle();
  world.socket.open();
  await world.pass(6_000);
  assert.deepEqual([client.state.name, world.sockets.length], ["open", 2]);
});

test("listeners hear all states in order, also of changes that other listeners make", async (t) => {
  const world = fakeWorld(t);
  const client = await world.open();
  const heard = [];
  client.onState(({ name }) => name === "waiting" && client.reconnect());
  client.onState(({ name }) => heard.push(name));
  world.socket.end(1006);
  assert.deepEqual(heard, ["waiting", "connecting"]);
});

test("Deno's code 0 is a lost connection", async (t) => {
  const world = fakeWorld(t);
  const client = await world.open();
  world.socket.end(0);
  assert.deepEqual([client.state.name, client.state.code], ["waiting", 1006]);
});

test("the rule for each close code", (t) => {
  t.mock.method(Math, "random", () => 1);
  const delays = (codes, changes) => codes.map((code) => defaultRetry(end({ code, ...changes })));
  const final = [1000, 1002, 1003, 1007, 1008, 1009, 1010, 3000, 3003, 4000, 4999];
  assert.deepEqual(delays(final), final.map(() => null));
  assert.deepEqual(delays(final, { everOpen: false, wasOpen: false }), final.map(() => null));
  assert.deepEqual(delays([1001, 1005, 1006, 1012, 1013]), Array(5).fill(10_000));
  assert.deepEqual(delays([1011, 1014, 1015, 3001, 3008, 3999, 5000]), Array(7).fill(500));
});

test("windows grow with the attempts", (t) => {
  t.mock.method(Math, "random", () => 0.5);
  const delays = (changes) => [0, 1, 2, 3, 4, 5].map((attempt) => defaultRetry(end({ attempt, ...changes })));
  assert.deepEqual(delays({ wasOpen: false }), [5_000, 15_000, 15_000, 15_000, 15_000, 15_000]);
  assert.deepEqual(delays({ wasOpen: false, everOpen: false }), [250, 750, 2_250, 6_750, null, null]);
  assert.deepEqual(delays({ code: 1011 }), [250, 750, 2_250, 6_750, 15_000, 15_000]);
  assert.deepEqual(delays({ spread: 60_000 }), Array(6).fill(30_000));
  assert.deepEqual(delays({ spread: 0 }), [250, 750, 2_250, 6_750, 15_000, 15_000]);
  assert.deepEqual(delays({ isDead: true }), Array(6).fill(0));
  const previous = { code: 1006, isDead: true };
  assert.deepEqual(delays({ isDead: true, previous }), [5_000, 15_000, 15_000, 15_000, 15_000, 15_000]);
});

test("a token that is refused is fetched anew, unless a fresh one was refused, too", (t) => {
  t.mock.method(Math, "random", () => 1);
  const delay = (changes) => defaultRetry(end({ code: 3000, isRefreshable: true, ...changes }));
  assert.equal(delay({}), 500);
  assert.equal(delay({ attempt: 3 }), 13_500);
  assert.equal(delay({ previous: { code: 1006, isDead: false } }), 500);
  assert.equal(delay({ previous: { code: 3000, isDead: false } }), null);
});

test("a token may expire at any time after a reconnect", async (t) => {
  const world = fakeWorld(t);
  const client = await world.open({ query: () => ({ token: "t" }) });
  // A few attempts fail, and the connection that follows is young.
  world.socket.end(1006);
  for (let count = 0; count < 3; count += 1) {
    await world.nextAttempt();
    world.socket.end(1006);
  }
  await world.nextAttempt();
  world.socket.open();
  await world.pass(1_000);
  world.socket.end(3000, "expired");
  assert.equal(client.state.name, "waiting");
  // The fresh token is taken: there is a message. It lives for a second, too.
  await world.nextAttempt();
  world.socket.open();
  world.socket.say({ type: "said", from: 1, text: "hi" });
  world.socket.end(3000, "expired");
  assert.equal(client.state.name, "waiting");
  // This one is refused at once, also by a server that says where the client is.
  await world.nextAttempt();
  world.socket.open();
  world.socket.say({ type: "$joined", room: "lobby", $at: "a.1" }, { type: "$pong" });
  world.socket.end(3000, "not authenticated");
  assert.deepEqual([client.state.name, client.state.code, client.state.by], ["closed", 3000, "rule"]);
  // Whoever signs in again has two attempts again.
  client.reconnect();
  await world.settle();
  world.socket.open();
  world.socket.end(3000);
  assert.equal(client.state.name, "waiting");
  // Attempts that fail between are no connections.
  await world.nextAttempt();
  world.socket.end(1006);
  await world.nextAttempt();
  world.socket.open();
  world.socket.end(3000);
  assert.equal(client.state.name, "closed");
});

test("a connection that was stable was of use", async (t) => {
  const world = fakeWorld(t);
  const seen = [];
  const retry = ({ previous, attempt }) => seen.push([previous, attempt]) && 1_000;
  await world.open({ retry });
  for (const lifetime of [0, 0, 10_000, 0]) {
    await world.pass(lifetime);
    await world.comeBack(3000);
  }
  const refused = { code: 3000, isDead: false };
  assert.deepEqual(seen, [[undefined, 0], [refused, 1], [undefined, 0], [refused, 1]]);
});

test("attempts are counted until a connection was stable", async (t) => {
  const world = fakeWorld(t);
  const ends = [];
  const retry = (end) => ends.push([end.attempt, end.wasOpen, end.everOpen]) && 1_000;
  await world.open({ retry });
  await world.pass(9_999);
  world.socket.end(1006);
  await world.pass(1_000);
  world.socket.end(1006);
  await world.pass(1_000);
  world.socket.open();
  await world.pass(10_000);
  world.socket.end(1006);
  assert.deepEqual(ends, [[0, true, true], [1, false, true], [0, true, true]]);
});

test("the rule learns of fresh tokens and of the options", async (t) => {
  const world = fakeWorld(t, { page: new FakePage() });
  const seen = [];
  const retry = ({ isRefreshable, isOnline, attempts, spread }) => {
    seen.push({ isRefreshable, isOnline, attempts, spread });
    return null;
  };
  for (const options of [{}, { url: () => "ws://x" }, { protocols: () => [] }, { attempts: 7, spread: 1 }]) {
    await world.open({ retry, ...options });
    world.socket.end(1006);
  }
  assert.deepEqual(seen.map(({ isRefreshable }) => isRefreshable), [false, true, true, false]);
  assert.deepEqual(seen[3], { isRefreshable: false, isOnline: true, attempts: 7, spread: 1 });
});

test("a rule that throws is reported, and the default one holds", async (t) => {
  const world = fakeWorld(t);
  const reported = [];
  globalThis.reportError = (error) => reported.push(error.message);
  t.after(() => delete globalThis.reportError);
  const client = await world.open({ retry: () => { throw new Error("a mistake"); } });
  world.socket.end(1012);
  assert.deepEqual([client.state.name, client.state.until, reported], ["waiting", Date.now() + 5_000, ["a mistake"]]);
});

test("a rule with a result that is no time is reported, and the default one holds", async (t) => {
  const world = fakeWorld(t);
  const reported = [];
  globalThis.reportError = (error) => reported.push(error.message);
  t.after(() => delete globalThis.reportError);
  const results = [undefined, NaN, -1, "500", Promise.resolve(1)];
  const client = await world.open({ retry: () => results.pop() });
  while (results.length > 0) {
    const { length } = results;
    world.socket.end(1011);
    assert.equal(client.state.name, "waiting");
    assert(Number.isFinite(client.state.until), length);
    assert.equal(results.length, length - 1);
    client.reconnect();
    await world.settle();
  }
  const shown = ["of the type object", '"500"', "-1", "NaN", "undefined"];
  const expected = shown.map((value) => `the result of \`retry\` cannot be ${value}: write milliseconds, or null`);
  assert.deepEqual(reported, expected);
});

test("a rule that says never or much later does not connect at once", async (t) => {
  const world = fakeWorld(t);
  const delays = [Infinity, 2 ** 40];
  const client = await world.open({ retry: () => delays.shift() });
  world.socket.end(1006);
  assert.equal(client.state.until, Infinity);
  await world.pass(1_000_000);
  client.reconnect();
  await world.settle();
  world.socket.end(1006);
  await world.pass(1_000_000);
  assert.equal(world.sockets.length, 2);
});

test("five failures before the first connection are enough", async (t) => {
  const world = fakeWorld(t);
  const client = world.connect("jobs");
  for (let count = 1; count <= 5; count += 1) {
    await world.nextAttempt();
    world.socket.end(1006);
  }
  assert.deepEqual(client.state, { name: "closed", code: 1006, reason: "", by: "rule", unsent: 0 });
});

test("a user who connects now gives all attempts again", async (t) => {
  const world = fakeWorld(t);
  const client = world.connect("jobs", { attempts: 2 });
  await world.settle();
  world.socket.end(1006);
  client.reconnect();
  await world.settle();
  world.socket.end(1006);
  assert.equal(client.state.name, "waiting");
});

test("without a network the client does not give up, and with one it counts anew", async (t) => {
  const page = new FakePage();
  const world = fakeWorld(t, { page });
  const client = world.connect("jobs");
  page.globals.navigator.onLine = false;
  for (let count = 1; count <= 8; count += 1) {
    await world.nextAttempt();
    world.socket.end(1006);
  }
  assert.equal(client.state.name, "waiting");
  page.globals.navigator.onLine = true;
  page.tell("online");
  for (let count = 1; count <= 5; count += 1) {
    assert.notEqual(client.state.name, "closed");
    await (count === 1 ? world.settle() : world.nextAttempt());
    world.socket.end(1006);
  }
  assert.equal(client.state.name, "closed");
});

test("after the first connection failures go on", async (t) => {
  const world = fakeWorld(t);
  const client = await world.open();
  for (let count = 1; count <= 20; count += 1) {
    world.socket.end(1006);
    await world.nextAttempt();
  }
  assert.equal(client.state.name, "connecting");
});

test("an attempt that takes too long has failed, and what it still does is ignored", async (t) => {
  const world = fakeWorld(t);
  const client = world.connect("jobs");
  await world.pass(9_999);
  assert.equal(client.state.name, "connecting");
  await world.pass(1);
  const { socket } = world;
  assert.deepEqual([client.state.name, client.state.reason], ["waiting", "no connection in time"]);
  assert.notEqual(socket.closed, null);
  socket.open();
  socket.say({ line: "late" });
  socket.end(4000);
  assert.deepEqual(names(client), ["connecting", "waiting"]);
});

test("a rule may close the client, or close it and connect anew", async (t) => {
  const world = fakeWorld(t);
  for (const result of [100, null]) {
    const client = world.connect("raw", {
      retry: () => {
        client.close(4_001, "mine");
        return result;
      },
    });
    await world.settle();
    world.socket.open();
    world.socket.end(1006);
    await world.pass(60_000);
    const closed = { name: "closed", code: 4_001, reason: "mine", by: "user", unsent: 0 };
    assert.deepEqual(client.states, [{ name: "connecting" }, { name: "open" }, closed]);
  }
  const client = world.connect("raw", {
    retry: () => {
      client.close();
      client.reconnect();
      return 1_000;
    },
  });
  await world.settle();
  world.socket.open();
  const { length } = world.sockets;
  world.socket.end(1006);
  await world.pass(5_000);
  world.socket.open();
  assert.deepEqual([world.sockets.length, client.state.name], [length + 1, "open"]);
});
