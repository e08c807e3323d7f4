import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";

import { FakePage, fakeWorld } from "./fakes.js";
import { ClientError, ServerError } from "./runtime.js";

const said = (text, at) => ({ type: "said", from: 1, text, ...(at && { $at: at }) });

/** What `on.said` of a client hears from now on. */
function hear(client) {
  const heard = [];
  client.on.said(({ text }) => heard.push(text));
  return heard;
}

async function openEndpoint(world, name, options) {
  const client = world.connect(name, options);
  await world.settle();
  world.socket.open();
  return client;
}

test("messages of each representation, to the server", async (t) => {
  const world = fakeWorld(t);
  const room = await world.open();
  room.send.say({ text: "hi" });
  room.send.leave();
  // As a message that came from somewhere else, with another tag.
  room.send.say({ type: "leave", text: "hi" });
  assert.deepEqual(world.socket.sent, [
    '{"type":"say","text":"hi"}',
    '{"type":"leave"}',
    '{"type":"say","text":"hi"}',
  ]);

  const board = await openEndpoint(world, "board", { path: { owner: 1, rest: "a" } });
  board.send.line([{ x: 1, y: 2 }, { x: 3, y: 4 }]);
  board.send.clear();
  assert.deepEqual(world.socket.sent, ['{"type":"line","data":[{"x":1,"y":2},{"x":3,"y":4}]}', '{"type":"clear"}']);

  const jobs = await openEndpoint(world, "jobs");
  jobs.send.run({ command: "ls" });
  jobs.send.stop();
  jobs.request.run({ command: "cd" }).catch(() => {});
  assert.deepEqual(world.socket.sent, ['{"run":{"command":"ls"}}', '{"stop":null}', '{"run":{"command":"cd"},"id":3}']);
});

test("messages of each representation, from the server", async (t) => {
  const world = fakeWorld(t);
  const heard = [];
  const hear = (client, ...variants) => {
    for (const variant of variants) client.on[variant]((payload) => heard.push([variant, payload]));
  };
  hear(await world.open(), "said");
  const message = { type: "said", from: 1, text: "a", $at: "e.1" };
  world.socket.say(message);
  assert.deepEqual(heard.splice(0), [["said", message]]);

  hear(await openEndpoint(world, "board", { path: { owner: 1, rest: "a" } }), "line", "cleared");
  world.socket.say({ type: "line", data: [1, 2] }, { $at: "e.1", type: "cleared" });
  assert.deepEqual(heard.splice(0), [["line", [1, 2]], ["cleared", undefined]]);

  hear(await openEndpoint(world, "jobs"), "line", "done");
  world.socket.say({ id: 9, line: "a" }, { $at: "e.1", line: "b" }, "done", { done: null });
  assert.deepEqual(heard.splice(0), [["line", "a"], ["line", "b"], ["done", undefined], ["done", null]]);
});

test("functions by variant stay the same, and can be taken out", async (t) => {
  const world = fakeWorld(t);
  const client = await world.open();
  const { say } = client.send;
  say({ text: "a" });
  assert.equal(client.send.say, say);
  assert.deepEqual(world.socket.sent, ['{"type":"say","text":"a"}']);
});

test("names that are no variants are undefined, also those that tools look for", async (t) => {
  const world = fakeWorld(t);
  const client = await world.open();
  const looked = ["then", "toJSON", "$$typeof", "asymmetricMatch", "nodeType", "constructor", "toString", "shout"];
  for (const functions of [client.send, client.on, client.request]) {
    for (const name of [...looked, Symbol.iterator, Symbol.toPrimitive]) assert.equal(functions[name], undefined, name);
    assert.equal(await functions, functions);
    assert.equal(JSON.stringify(functions), "{}");
    assert.throws(() => (functions.said = () => {}), TypeError);
  }
  const { states, ...json } = JSON.parse(JSON.stringify(client));
  assert.deepEqual(json, { send: {}, on: {}, request: {} });
  assert.match(inspect(client, { depth: 2 }), /say: \[Function/);
  assert.deepEqual([Object.keys(client.send), Object.keys(client.on)], [
    ["say", "add", "total", "leave"],
    ["said", "value", "total"],
  ]);
  assert.deepEqual(world.socket.sent, []);
});

test("a callback that was removed, and one that throws", async (t) => {
  const world = fakeWorld(t);
  const reported = [];
  globalThis.reportError = (error) => reported.push(error.message);
  t.after(() => delete globalThis.reportError);
  const client = await world.open();
  const first = [];
  const remove = client.on.said(({ text }) => first.push(text));
  client.on.said(() => { throw new Error("a mistake"); });
  const second = hear(client);
  world.socket.say(said("a"));
  remove();
  world.socket.say(said("b"));
  assert.deepEqual([first, second, reported], [["a"], ["a", "b"], ["a mistake", "a mistake"]]);
});

test("a function that subscribes twice is called twice, and removed one by one", async (t) => {
  const world = fakeWorld(t);
  const client = await world.open();
  const heard = [];
  const listener = ({ text }) => heard.push(text);
  client.on.said(listener);
  const remove = client.on.said(listener);
  world.socket.say(said("a"));
  remove();
  remove();
  world.socket.say(said("b"));
  assert.deepEqual(heard, ["a", "a", "b"]);
});

test("an error of a callback is an uncaught one where there is no `reportError`", async (t) => {
  const world = fakeWorld(t);
  const uncaught = new Promise((resolve) => {
    t.mock.method(globalThis, "queueMicrotask", (task) => resolve(task));
  });
  const client = await world.open();
  client.on.said(() => { throw new Error("a mistake"); });
  world.socket.say(said("a"));
  assert.throws(await uncaught, /a mistake/);
});

test("what is malformed is an error, and what is unknown is not", async (t) => {
  const world = fakeWorld(t);
  const client = await world.open();
  const errors = [];
  const warnings = t.mock.method(console, "warn", () => {});
  const remove = client.onError((error) => errors.push(error));
  const malformed = ["", "{", "null", "[]", "7", '"said"', "{}", '{"type":7}', new ArrayBuffer(1)];
  for (const data of malformed) world.socket.sayData(data);
  assert(errors.every((error) => error instanceof ClientError && error.code === "malformed"));
  assert.deepEqual(errors.map(({ cause }) => cause), malformed);
  world.socket.say({ type: "of a newer server" }, { type: "$newer" }, { type: "$pong", id: 1 });
  assert.equal(errors.length, malformed.length);
  // Without a listener they are warnings.
  assert.equal(warnings.mock.callCount(), 0);
  remove();
  world.socket.sayData("{");
  assert.equal(warnings.mock.calls[0].arguments[0].code, "malformed");
});

test("what has no type comes as it is", async (t) => {
  const world = fakeWorld(t);
  const client = await openEndpoint(world, "raw");
  const messages = client[Symbol.asyncIterator]();
  const first = messages.next();
  const sent = ["{", '{"type":"a"}', new ArrayBuffer(1)];
  for (const data of sent) world.socket.sayData(data);
  world.socket.say({ type: "$newer" });
  client.close();
  assert.deepEqual((await first).value, sent[0]);
  assert.deepEqual([await messages.next(), await messages.next()].map(({ value }) => value), sent.slice(1));
  assert.equal((await messages.next()).done, true);
  assert.equal(world.socket.binaryType, "arraybuffer");
});

test("an error of the server that answers no request", async (t) => {
  const world = fakeWorld(t);
  const client = await world.open();
  const errors = [];
  client.onError((error) => errors.push(error));
  const error = { code: "unknown_tag", path: "type", message: "unknown type", expected: ["say", "leave"] };
  world.socket.say({ type: "$error", ...error }, { type: "$error", code: "full", message: "no", id: 7 });
  assert(errors.every((error) => error instanceof ServerError));
  const [{ code, path, message, expected }, second] = errors;
  assert.deepEqual({ code, path, message, expected }, error);
  assert.deepEqual([second.code, second.path, second.expected], ["full", undefined, []]);
});

test("messages wait for a connection, and go in order, each once", async (t) => {
  const world = fakeWorld(t);
  const client = world.connect("room", { path: { room: "lobby" }, query: { token: "t" } });
  client.send.say({ text: "1" });
  client.send.say({ text: "2" });
  await world.settle();
  world.socket.open();
  client.send.say({ text: "3" });
  const texts = () => world.socket.messages.map(({ text }) => text);
  assert.deepEqual(texts(), ["1", "2", "3"]);
  world.socket.end(1006);
  client.send.say({ text: "4" });
  await world.nextAttempt();
  client.send.say({ text: "5" });
  world.socket.open();
  assert.deepEqual(texts(), ["4", "5"]);
});

test("a socket that is closing takes nothing: messages wait for the next one", async (t) => {
  const world = fakeWorld(t);
  const client = await world.open();
  world.socket.readyState = 2;
  client.send.say({ text: "1" });
  await world.comeBack();
  assert.deepEqual(world.socket.messages, [{ type: "say", text: "1" }]);
});

test("nothing overtakes the queue on a socket that is about to say that it is open", async (t) => {
  const world = fakeWorld(t);
  const client = world.connect("room", { path: { room: "lobby" }, query: { token: "t" } });
  await world.settle();
  client.send.say({ text: "1" });
  world.socket.readyState = 1;
  client.send.say({ text: "2" });
  world.socket.open();
  assert.deepEqual(world.socket.messages.map(({ text }) => text), ["1", "2"]);
});

test("a socket that begins to close takes no more of the queue", async (t) => {
  const world = fakeWorld(t);
  const client = await world.open();
  world.socket.end(1006);
  for (const text of ["1", "2", "3"]) client.send.say({ text });
  await world.nextAttempt();
  const { socket } = world;
  socket.send = (text) => {
    socket.sent.push(text);
    socket.readyState = 2;
  };
  socket.open();
  await world.comeBack();
  assert.deepEqual([socket.messages, world.socket.messages].map((messages) => messages.map(({ text }) => text)), [
    ["1"],
    ["2", "3"],
  ]);
});

test("the queue is bounded, and a closed client takes nothing", async (t) => {
  const world = fakeWorld(t);
  const client = world.connect("room", { path: { room: "lobby" }, query: { token: "t" }, queue: 2 });
  client.send.say({ text: "1" });
  client.send.say({ text: "2" });
  assert.throws(() => client.send.say({ text: "3" }), { name: "ClientError", code: "queue_full" });
  await assert.rejects(client.request.total(), { code: "queue_full" });
  client.close(4000, "enough");
  assert.equal(client.state.unsent, 2);
  assert.throws(() => client.send.say({ text: "4" }), { code: "closed", message: "the client is closed (4000: enough)" });
  await assert.rejects(client.request.total(), { code: "closed" });
  client.reconnect();
  await world.settle();
  world.socket.open();
  assert.deepEqual(world.socket.sent, []);
});

test("a message is what it was at the call", async (t) => {
  const world = fakeWorld(t);
  const client = world.connect("room", { path: { room: "lobby" }, query: { token: "t" } });
  const message = { text: "before" };
  client.send.say(message);
  message.text = "after";
  await world.settle();
  world.socket.open();
  assert.deepEqual(world.socket.messages, [{ type: "say", text: "before" }]);
});

test("the positions of the latest messages are shown to the next connection", async (t) => {
  const world = fakeWorld(t);
  const client = await world.open();
  const heard = hear(client);
  const outcomes = [];
  client.onResumed((outcome) => outcomes.push(outcome));
  assert.deepEqual(world.socket.url.searchParams.getAll("$at"), []);
  world.socket.say(said("a1", "a00000000.1"), said("b9", "b00000000.9"), said("a2", "a00000000.2"), said("none"));
  await world.comeBack();
  assert.deepEqual(world.socket.url.searchParams.getAll("$at"), ["b00000000.9", "a00000000.2"]);
  assert.equal(world.socket.url.searchParams.get("token"), "t");
  world.socket.say({ type: "$resumed", room: "lobby", recovered: 2 });
  world.socket.say(said("a3", "a00000000.3"), said("a10", "a00000000.10"));
  // An older one, which the program has asked for, does not turn the position back.
  world.socket.say(said("a9", "a00000000.9"));
  world.socket.say({ type: "$resumed", room: "attic", lost: true }, said("c1", "c00000000.1"), said("b10", "b00000000.10"));
  assert.deepEqual(heard, ["a1", "b9", "a2", "none", "a3", "a10", "a9", "c1", "b10"]);
  assert.deepEqual(outcomes, [{ room: "lobby", recovered: 2 }, { room: "attic", lost: true }]);
  await world.comeBack();
  assert.deepEqual(world.socket.url.searchParams.getAll("$at"), ["a00000000.10", "c00000000.1", "b00000000.10"]);
});

test("sixteen positions are shown, those of the latest messages", async (t) => {
  const world = fakeWorld(t);
  await world.open();
  for (let epoch = 0; epoch < 20; epoch += 1) world.socket.say(said("x", `${epoch}00000000.1`));
  world.socket.say(said("x", "000000000.2"));
  await world.comeBack();
  const expected = [...Array.from({ length: 15 }, (_, at) => `${at + 5}00000000.1`), "000000000.2"];
  assert.deepEqual(world.socket.url.searchParams.getAll("$at"), expected);
});

test("the last eight digits of an epoch do not tell apart two rooms", async (t) => {
  const world = fakeWorld(t);
  await world.open();
  world.socket.say(said("a1", "a00000001.1"), said("b1", "b00000001.1"), said("a2", "affffffff.2"));
  // An older one, which the program has asked for.
  world.socket.say(said("a0", "a00000000.0"));
  await world.comeBack();
  assert.deepEqual(world.socket.url.searchParams.getAll("$at"), ["b00000001.1", "affffffff.2"]);
});

test("a message of the library may carry a position, for a room where nothing has been said", async (t) => {
  const world = fakeWorld(t);
  const client = await world.open();
  const heard = hear(client);
  world.socket.say({ type: "$joined", room: "lobby", $at: "a00000000.7" });
  await world.comeBack();
  assert.deepEqual(world.socket.url.searchParams.getAll("$at"), ["a00000000.7"]);
  world.socket.say({ type: "$resumed", room: "lobby", lost: true, $at: "a00000000.9" });
  await world.comeBack();
  assert.deepEqual(world.socket.url.searchParams.getAll("$at"), ["a00000000.9"]);
  assert.deepEqual(heard, []);
});

test("an endpoint that does not resume is shown no positions", async (t) => {
  const world = fakeWorld(t);
  await openEndpoint(world, "jobs");
  world.socket.say({ line: "a", $at: "e.1" });
  await world.comeBack();
  assert.equal(world.socket.url.search, "");
});

test("dropped messages are announced", async (t) => {
  const world = fakeWorld(t);
  const client = await world.open();
  const heard = [];
  client.onLagged((lagged) => heard.push(lagged));
  world.socket.say({ type: "$lagged", room: "lobby", missed: 3 });
  world.socket.say({ type: "$lagged", room: "lobby", missed: null });
  assert.deepEqual(heard, [
    { room: "lobby", missed: 3 },
    { room: "lobby", missed: null },
  ]);
});

test("an iteration has all messages as they are on the wire, and ends with the client", async (t) => {
  const world = fakeWorld(t);
  const client = await openEndpoint(world, "board", { path: { owner: 1, rest: "a" } });
  const seen = [];
  const over = (async () => {
    for await (const message of client) seen.push(message);
  })();
  const sent = [{ type: "line", data: [] }, { type: "cleared" }, { type: "unknown" }];
  world.socket.say(sent[0]);
  await world.settle();
  world.socket.say(sent[1], sent[2]);
  client.close();
  await over;
  assert.deepEqual(seen, sent);
  for await (const message of client) assert.fail(`after the end: ${JSON.stringify(message)}`);
});

test("an iteration that is left receives nothing any more", async (t) => {
  const world = fakeWorld(t);
  const client = await world.open({ buffer: 1 });
  const left = (async () => {
    for await (const { text } of client) return text;
  })();
  world.socket.say(said("a"));
  assert.equal(await left, "a");
  world.socket.say(said("b"), said("c"), said("d"));
  const messages = client[Symbol.asyncIterator]();
  const next = messages.next();
  world.socket.say(said("e"));
  assert.equal((await next).value.text, "e");
});

test("an iteration that is too slow ends with an error, after what it has room for", async (t) => {
  const world = fakeWorld(t);
  const client = await world.open({ buffer: 2 });
  const heard = hear(client);
  const messages = client[Symbol.asyncIterator]();
  const first = messages.next();
  for (const text of ["a", "b", "c", "d"]) world.socket.say(said(text));
  assert.equal((await first).value.text, "a");
  assert.equal((await messages.next()).value.text, "b");
  world.socket.say(said("e"));
  await assert.rejects(messages.next(), { name: "ClientError", code: "overflow" });
  assert.equal((await messages.next()).done, true);
  assert.deepEqual(heard, ["a", "b", "c", "d", "e"]);
});

test("URLs: parameters, the page's origin, and a prefix", async (t) => {
  const page = new FakePage();
  const world = fakeWorld(t, { page });
  const url = async (name, options) => {
    world.connect(name, options);
    await world.settle();
    return world.socket.url.href;
  };
  const token = { query: { token: "a&b é" } };
  assert.equal(await url("room", { path: { room: "ä/b?c" }, ...token }), "wss://example.org/rooms/%C3%A4%2Fb%3Fc?token=a%26b+%C3%A9");
  assert.equal(await url("board", { path: { owner: 7, rest: "a/b c" } }), "wss://example.org/boards/7/a/b%20c");
  assert.equal(await url("board", { path: { owner: 7n, rest: "a" }, query: { zoom: undefined } }), "wss://example.org/boards/7/a");
  assert.equal(await url("board", { path: { owner: 0, rest: "a" }, query: { zoom: 0 } }), "wss://example.org/boards/0/a?zoom=0");
  assert.equal(await url("jobs", { url: "http://localhost:1/api/" }), "ws://localhost:1/api/jobs");
  assert.equal(await url("jobs", { url: new URL("wss://localhost/api") }), "wss://localhost/api/jobs");
});

test("subprotocols: those of the contract, or others", async (t) => {
  const world = fakeWorld(t);
  await world.open();
  assert.deepEqual(world.socket.protocols, ["v2"]);
  await world.open({ protocols: async () => ["v2", "token.1"] });
  assert.deepEqual(world.socket.protocols, ["v2", "token.1"]);
  await openEndpoint(world, "jobs");
  assert.deepEqual(world.socket.protocols, []);
});

test("functions are called before each attempt, and one that fails is a failed attempt", async (t) => {
  const world = fakeWorld(t);
  let count = 0;
  const client = await world.open({
    query: async () => {
      count += 1;
      if (count === 2) throw new Error("no token");
      return { token: String(count) };
    },
  });
  assert.equal(world.socket.url.search, "?token=1");
  await world.comeBack();
  assert.equal(world.socket.url.search, "?token=3");
  const reasons = client.states.filter(({ name }) => name === "waiting").map(({ reason }) => reason);
  assert.deepEqual(reasons, ["", "Error: no token"]);
});

test("a function that never returns is an attempt that takes too long", async (t) => {
  const world = fakeWorld(t);
  const client = world.connect("jobs", { url: () => new Promise(() => {}) });
  await world.pass(10_000);
  assert.equal(client.state.reason, "no connection in time");
});

test("older messages that the program has asked for are heard", async (t) => {
  const world = fakeWorld(t);
  const room = await world.open();
  const heard = hear(room);
  world.socket.say({ type: "$joined", room: "lobby", $at: "a.7" });
  // The server sends what `Room::history` returns, as `Remembered::into_text` says: "to be sent on".
  room.send.say({ text: "older" });
  world.socket.say(said("a6", "a.6"), said("a7", "a.7"));
  assert.deepEqual(heard, ["a6", "a7"]);
});
