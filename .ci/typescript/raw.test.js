// Data without a type: text and bytes, as they are.

import assert from "node:assert/strict";
import { test } from "node:test";
import { runInNewContext } from "node:vm";

import { fakeWorld } from "./fakes.js";

const board = ["board", { path: { owner: 1, rest: "a" } }];

async function open(world, name, options) {
  const client = world.connect(name, options);
  await world.settle();
  world.socket.open();
  return client;
}

test("data that the endpoint takes is sent as it is, in order with messages", async (t) => {
  const world = fakeWorld(t);
  const raw = await open(world, "raw");
  const bytes = new Uint8Array([1, 2, 3]);
  for (const data of ['{"a":', "", bytes, bytes.buffer]) raw.sendRaw(data);
  assert.deepEqual(world.socket.sent, ['{"a":', "", bytes, bytes.buffer]);
  const client = await open(world, ...board);
  client.send.clear();
  client.sendRaw(bytes);
  client.send.clear();
  assert.deepEqual(world.socket.sent, ['{"type":"clear"}', bytes, '{"type":"clear"}']);
});

test("data waits for a connection, in order with messages, and as it was at the call", async (t) => {
  const world = fakeWorld(t);
  const client = world.connect(...board);
  const words = new Uint16Array([0, 0x0201, 0x0403, 0]);
  const { buffer } = new Uint8Array([5, 6]);
  client.send.clear();
  client.sendRaw(words.subarray(1, 3));
  client.sendRaw(buffer);
  client.sendRaw(runInNewContext("new Uint8Array([7]).buffer"));
  client.send.line([{ x: 1, y: 2 }, { x: 3, y: 4 }]);
  words.fill(9);
  new Uint8Array(buffer).fill(9);
  await world.settle();
  world.socket.open();
  const [first, second, third, fourth, last] = world.socket.sent;
  assert.deepEqual([first, last], ['{"type":"clear"}', '{"type":"line","data":[{"x":1,"y":2},{"x":3,"y":4}]}']);
  assert.deepEqual([second, third, fourth].map((bytes) => [...bytes]), [[1, 2, 3, 4], [5, 6], [7]]);
});

test("data has its place in the bounded queue", async (t) => {
  const world = fakeWorld(t);
  const client = world.connect("raw", { queue: 2 });
  client.sendRaw("a");
  client.sendRaw(new ArrayBuffer(1));
  assert.throws(() => client.sendRaw("b"), { name: "ClientError", code: "queue_full" });
  client.close();
  assert.equal(client.state.unsent, 2);
  assert.throws(() => client.sendRaw("c"), { code: "closed" });
});

test("data that the endpoint does not take is an error, and not sent", async (t) => {
  const world = fakeWorld(t);
  const refused = (client, data, message) => {
    assert.throws(() => client.sendRaw(data), { name: "ClientError", code: "bad_message", message });
    assert.deepEqual(world.socket.sent, []);
  };
  const room = await world.open();
  refused(room, "a", "for this endpoint `sendRaw` takes nothing, not text");
  refused(await open(world, "jobs"), new ArrayBuffer(1), "for this endpoint `sendRaw` takes text, not bytes");
  refused(await open(world, ...board), "a", "for this endpoint `sendRaw` takes bytes, not text");
  const raw = await open(world, "raw");
  for (const data of [undefined, null, 7, [1], {}, new Blob(["a"])]) {
    refused(raw, data, "for this endpoint `sendRaw` takes text and bytes, not another value");
  }
});

test("data that a handler answers with is heard in order with messages, and is not malformed", async (t) => {
  const world = fakeWorld(t);
  const client = await open(world, ...board);
  client.onError((error) => assert.fail(error));
  const heard = [];
  client.on.cleared(() => heard.push("cleared"));
  const remove = client.onRaw((data) => heard.push(data));
  const iterated = [];
  const over = (async () => {
    for await (const message of client) iterated.push(message);
  })();
  const bytes = new ArrayBuffer(2);
  const cleared = { type: "cleared" };
  world.socket.say(cleared);
  world.socket.sayData(bytes);
  world.socket.say(cleared);
  world.socket.sayData("pong");
  remove();
  world.socket.sayData("pong");
  client.close();
  await over;
  assert.deepEqual(heard, ["cleared", bytes, "cleared", "pong"]);
  assert.deepEqual(iterated, [cleared, bytes, cleared, "pong", "pong"]);
});

test("data that the contract does not know of is malformed, unless a function is there for it", async (t) => {
  const world = fakeWorld(t);
  const client = await world.open();
  const [heard, errors] = [[], []];
  client.onError(({ code, cause }) => errors.push([code, cause]));
  world.socket.sayData("first");
  const remove = client.onRaw((data) => heard.push(data));
  world.socket.sayData("second");
  remove();
  world.socket.sayData("third");
  assert.deepEqual([heard, errors], [["second"], [["malformed", "first"], ["malformed", "third"]]]);
});
