import assert from "node:assert/strict";
import { test } from "node:test";

import { fakeWorld } from "./fakes.js";
import { ServerError } from "./runtime.js";

const total = (id, sum) => ({ id, type: "total", sum });

test("replies find their requests, in any order, and are no other messages", async (t) => {
  const world = fakeWorld(t);
  const client = await world.open();
  const heard = [];
  client.on.total(({ sum }) => heard.push(sum));
  const [first, second] = [client.request.total(), client.request.add({ name: "a", by: 1 })];
  assert.deepEqual(world.socket.messages, [{ type: "total", id: 1 }, { type: "add", name: "a", by: 1, id: 2 }]);
  world.socket.say({ id: 2, type: "value", name: "a", value: 1 }, total(1, 5));
  assert.deepEqual([await first, await second], [total(1, 5), { id: 2, type: "value", name: "a", value: 1 }]);
  assert.deepEqual(heard, []);
  assert.equal(world.clock.countTimers(), 1, "only the probe's");
  // A second reply to the same request, and one that answers nothing.
  world.socket.say(total(1, 6), { type: "total", sum: 7 });
  assert.deepEqual(heard, [6, 7]);
});

test("a reply is the whole message, in each representation", async (t) => {
  const world = fakeWorld(t);
  const jobs = world.connect("jobs");
  await world.settle();
  world.socket.open();
  const reply = jobs.request.run({ command: "ls" });
  world.socket.say({ line: "a", id: 1 });
  assert.deepEqual(await reply, { line: "a", id: 1 });
});

test("a request is rejected with its error", async (t) => {
  const world = fakeWorld(t);
  const client = await world.open();
  client.onError(() => assert.fail("it answers a request"));
  const request = client.request.add({ name: "", by: 1 });
  world.socket.say({ type: "$error", id: 1, code: "bad_name", path: "name", message: "too short" });
  await assert.rejects(request, (error) => {
    assert(error instanceof ServerError);
    assert.deepEqual([error.code, error.path, error.message], ["bad_name", "name", "too short"]);
    return true;
  });
});

test("the time of a request counts from its call", async (t) => {
  const world = fakeWorld(t);
  const client = world.connect("room", { path: { room: "lobby" }, query: { token: "t" } });
  const outcomes = [];
  const note = (name) => (error) => outcomes.push([name, error.code, error.message]);
  client.request.total().catch(note("default"));
  client.request.total(undefined, { timeout: 12_000 }).catch(note("longer"));
  await world.pass(8_000);
  world.socket.open();
  assert.equal(world.socket.sent.length, 2);
  await world.pass(1_999);
  assert.deepEqual(outcomes, []);
  await world.pass(1);
  assert.deepEqual(outcomes, [["default", "timeout", "no reply in 10000 ms"]]);
  await world.pass(2_000);
  assert.equal(outcomes[1][0], "longer");
  assert.equal(world.clock.countTimers(), 1, "only the probe's");
});

test("a request that is given up before it was sent is not sent", async (t) => {
  const world = fakeWorld(t);
  const client = world.connect("room", { path: { room: "lobby" }, query: { token: "t" }, queue: 2 });
  const controller = new AbortController();
  const aborted = assert.rejects(client.request.total(undefined, { signal: controller.signal }), (error) => {
    assert.deepEqual([error.code, error.cause], ["aborted", "enough"]);
    return true;
  });
  const late = assert.rejects(client.request.total(undefined, { timeout: 1_000 }), { code: "timeout" });
  controller.abort("enough");
  await world.pass(1_000);
  await Promise.all([aborted, late]);
  client.send.leave();
  world.socket.open();
  assert.deepEqual(world.socket.sent, ['{"type":"leave"}']);
});

test("an aborted signal sends nothing, and a request that is over does not hold one", async (t) => {
  const world = fakeWorld(t);
  const client = await world.open();
  await assert.rejects(client.request.total(undefined, { signal: AbortSignal.abort() }), { code: "aborted" });
  assert.deepEqual(world.socket.sent, []);
  const { signal } = new AbortController();
  const removed = t.mock.method(signal, "removeEventListener");
  const request = client.request.total(undefined, { signal });
  world.socket.say(total(1, 5));
  await request;
  assert.equal(removed.mock.callCount(), 1);
});

test("a lost connection rejects the requests that were under way, and repeats those that may be", async (t) => {
  const world = fakeWorld(t, { random: 0.1 });
  const client = await world.open();
  const lost = client.request.total();
  const repeated = client.request.add({ name: "a", by: 1 }, { repeat: true });
  world.socket.end(1006);
  await assert.rejects(lost, { name: "ClientError", code: "connection_lost" });
  const queued = client.request.total();
  await world.nextAttempt();
  world.socket.end(1006);
  await world.nextAttempt();
  world.socket.open();
  assert.deepEqual(world.socket.messages.map(({ id }) => id), [2, 3]);
  // Again, while both are under way; then the replies come.
  world.socket.end(1006);
  await assert.rejects(queued, { code: "connection_lost" });
  await world.nextAttempt();
  world.socket.open();
  assert.deepEqual(world.socket.messages, [{ type: "add", name: "a", by: 1, id: 2 }]);
  world.socket.say({ id: 2, type: "value", name: "a", value: 1 });
  assert.equal((await repeated).value, 1);
  await world.comeBack();
  assert.deepEqual(world.socket.sent, []);
});

test("a client that is closed rejects all requests", async (t) => {
  const world = fakeWorld(t);
  const client = await world.open();
  const requests = [client.request.total(), client.request.total(undefined, { repeat: true })];
  world.socket.end(1008, "too fast");
  const error = { code: "closed", message: "the client is closed (1008: too fast)" };
  for (const request of requests) await assert.rejects(request, error);
});

test("a message that cannot be written is the caller's error", async (t) => {
  const world = fakeWorld(t);
  const client = await world.open();
  const cycle = {};
  cycle.cycle = cycle;
  assert.throws(() => client.send.say({ text: cycle }), { name: "ClientError", code: "bad_message" });
  await assert.rejects(client.request.add({ name: cycle, by: 1 }), { code: "bad_message" });
  assert.deepEqual(world.socket.sent, []);
  assert.equal(world.clock.countTimers(), 1, "only the probe's");
});
