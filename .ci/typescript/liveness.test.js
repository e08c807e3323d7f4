import assert from "node:assert/strict";
import { test } from "node:test";

import { FakePage, fakeWorld } from "./fakes.js";

const PING = '{"type":"$ping"}';
const PONG = { type: "$pong" };

// With `random: 0` the first probe comes after nine tenths of `silence`, 13.5 s by default.
const patient = { random: 0 };

test("a server that is silent is asked, and an answer is enough", async (t) => {
  const world = fakeWorld(t, patient);
  const client = await world.open();
  await world.pass(13_499);
  assert.deepEqual(world.socket.sent, []);
  await world.pass(1);
  assert.deepEqual(world.socket.sent, [PING]);
  await world.pass(14_999);
  world.socket.say(PONG);
  await world.pass(13_499);
  assert.deepEqual(world.socket.sent, [PING]);
  await world.pass(1);
  assert.deepEqual([world.socket.sent, client.state.name], [[PING, PING], "open"]);
});

test("any message is a sign of life, also one that is malformed", async (t) => {
  const world = fakeWorld(t, patient);
  const client = await world.open();
  client.onError(() => {});
  for (let count = 0; count < 10; count += 1) {
    await world.pass(13_000);
    world.socket.sayData(count % 2 ? "?" : '{"type":"total","sum":1}');
  }
  assert.deepEqual(world.socket.sent, []);
});

test("a server that does not answer is left within twice the silence, and tried again at once", async (t) => {
  const world = fakeWorld(t, patient);
  const client = await world.open({ silence: 4_000 });
  const [first] = world.sockets;
  await world.pass(2_000);
  first.say(PONG);
  await world.pass(7_599);
  assert.equal(client.state.name, "open");
  await world.pass(1);
  assert.deepEqual(first.closed, { code: 3008, reason: "no answer in time" });
  assert.deepEqual([client.states.at(-1), world.sockets.length], [{ name: "connecting" }, 2]);
  assert.deepEqual(client.states.at(-2), {
    name: "waiting",
    until: Date.now(),
    code: 1006,
    reason: "no answer to `$ping`",
  });
  // The old socket's end, much later, is none of the new one.
  world.socket.open();
  const heard = [];
  client.on.said(({ text }) => heard.push(text));
  first.say({ type: "said", from: 1, text: "late" });
  first.end(1006);
  assert.deepEqual([client.state.name, heard], ["open", []]);
});

test("clients ask at different times, the first after two fifths of the silence", async (t) => {
  const world = fakeWorld(t, { random: 0.999 });
  const client = await world.open({ silence: 4_000 });
  await world.pass(1_604);
  assert.deepEqual(world.socket.sent, [PING]);
  await world.pass(4_000);
  assert.equal(client.state.name, "connecting");
});

test("a dead connection is no failed attempt", async (t) => {
  const world = fakeWorld(t, { random: 1 });
  const client = await world.open();
  await world.pass(21_000);
  world.socket.end(1006);
  assert.equal(client.state.until, Date.now() + 10_000);
});

test("a connection that is dead as well is a failed attempt, and so is each that follows", async (t) => {
  const world = fakeWorld(t, { random: 0.5 });
  const client = await world.open({ silence: 4_000 });
  const waits = [];
  const die = async () => {
    await world.pass(6_600);
    const { name, until } = client.state;
    waits.push(name === "waiting" ? until - Date.now() : 0);
    if (name === "waiting") await world.nextAttempt();
    world.socket.open();
  };
  for (let count = 0; count < 4; count += 1) {
    // The library's own messages are no use.
    world.socket.say({ type: "$joined", room: "lobby", $at: "a.1" });
    await die();
  }
  assert.deepEqual(waits, [0, 5_000, 15_000, 15_000]);
  // One that was of use begins anew.
  world.socket.say({ type: "total", sum: 1 });
  await die();
  await die();
  assert.deepEqual(waits.splice(4), [0, 15_000]);
  // So does one that was stable: it answered for longer than ten seconds.
  for (let count = 0; count < 6; count += 1) {
    await world.pass(2_000);
    world.socket.say(PONG);
  }
  await die();
  await die();
  assert.deepEqual(waits.splice(4), [0, 5_000]);
});

test("a dead connection was stable only up to its last sign of life", async (t) => {
  const world = fakeWorld(t, patient);
  const ends = [];
  const retry = ({ attempt, previous, isDead }) => ends.push([attempt, previous?.isDead, isDead]) && 0;
  await world.open({ retry });
  for (let count = 0; count < 3; count += 1) {
    await world.pass(28_500);
    world.socket.open();
  }
  assert.deepEqual(ends, [[0, undefined, true], [0, true, true], [1, true, true]]);
});

test("a timer that comes late is no proof: the answer may be waiting", async (t) => {
  const world = fakeWorld(t, patient);
  const client = await world.open();
  await world.pass(13_500);
  world.freeze(60_000);
  await world.settle();
  assert.deepEqual([client.state.name, world.socket.sent], ["open", [PING, PING]]);
  world.socket.say(PONG);
  await world.pass(13_499);
  assert.equal(client.state.name, "open");
});

test("timers that always come late do find a dead connection", async (t) => {
  const world = fakeWorld(t, patient);
  const client = await world.open();
  for (let count = 0; count < 3; count += 1) {
    assert.equal(client.state.name, "open");
    world.freeze(60_000);
    await world.settle();
  }
  assert.equal(client.state.name, "connecting");
});

test("a server's question is answered, with its id where messages have one", async (t) => {
  const world = fakeWorld(t);
  await world.open();
  world.socket.say({ type: "$ping" }, { type: "$ping", id: 7 });
  assert.deepEqual(world.socket.sent, ['{"type":"$pong"}', '{"type":"$pong","id":7}']);
  world.connect("board", { path: { owner: 1, rest: "a" } });
  await world.settle();
  world.socket.open();
  world.socket.say({ type: "$ping", id: 7 });
  assert.deepEqual(world.socket.sent, ['{"type":"$pong"}']);
});

test("an endpoint whose messages have no type is not asked", async (t) => {
  const page = new FakePage();
  const world = fakeWorld(t, { page });
  const client = world.connect("raw");
  await world.settle();
  world.socket.open();
  page.show(true);
  await world.pass(1_000_000);
  assert.deepEqual([world.socket.sent, client.state.name], [[], "open"]);
});

test("a page that becomes visible, or a network that is back, asks with a short limit", async (t) => {
  for (const event of ["visible", "online"]) {
    const page = new FakePage();
    const world = fakeWorld(t, { page, ...patient });
    const client = await world.open();
    const happen = () => (event === "online" ? page.tell("online") : page.show(true));
    page.show(false);
    assert.deepEqual(world.socket.sent, []);
    happen();
    assert.deepEqual(world.socket.sent, [PING]);
    world.socket.say(PONG);
    await world.pass(3_000);
    assert.equal(client.state.name, "open");
    happen();
    await world.pass(2_999);
    assert.equal(client.state.name, "open");
    await world.pass(1);
    assert.equal(client.state.name, "connecting");
    client.close();
    world.clock.uninstall();
  }
});

test("a page that becomes visible again and again does not delay the answer", async (t) => {
  const page = new FakePage();
  const world = fakeWorld(t, { page, ...patient });
  const client = await world.open();
  await world.pass(13_500);
  for (let second = 0; second < 3; second += 1) {
    assert.equal(client.state.name, "open");
    page.show(true);
    await world.pass(1_000);
  }
  assert.equal(client.state.name, "connecting");
});

test("a socket that stays half closed is left like one that does not answer", async (t) => {
  const world = fakeWorld(t, patient);
  const client = await world.open();
  world.socket.readyState = 2;
  await world.pass(28_500);
  assert.deepEqual([client.state.name, world.sockets.length], ["connecting", 2]);
});

test("a waiting client connects at once when the page becomes visible or the network is back", async (t) => {
  const page = new FakePage();
  const world = fakeWorld(t, { page });
  const client = await world.open();
  for (const happen of [() => page.tell("online"), () => page.show(true)]) {
    world.socket.end(1012);
    page.show(false);
    assert.equal(client.state.name, "waiting");
    happen();
    await world.settle();
    world.socket.open();
    assert.equal(client.state.name, "open");
  }
  await world.pass(6_000);
  assert.equal(world.sockets.length, 3);
});

test("a page that is left closes, and one that is shown again connects", async (t) => {
  const page = new FakePage();
  const world = fakeWorld(t, { page });
  const client = await world.open();
  const lost = client.request.total();
  page.tell("pagehide", { persisted: true });
  assert.deepEqual(world.socket.closed, { code: 1000, reason: "the page was left" });
  assert.deepEqual([client.state.name, client.state.until], ["waiting", Infinity]);
  await assert.rejects(lost, { code: "connection_lost" });
  world.socket.end(1000);
  await world.pass(1_000_000);
  page.tell("pageshow", { persisted: false });
  await world.settle();
  assert.equal(world.sockets.length, 1);
  page.tell("pageshow", { persisted: true });
  await world.settle();
  world.socket.open();
  assert.equal(client.state.name, "open");
});

test("a page that is left while the client waits", async (t) => {
  const page = new FakePage();
  const world = fakeWorld(t, { page });
  const client = await world.open();
  world.socket.end(1006);
  page.tell("pagehide", { persisted: true });
  await world.pass(1_000_000);
  assert.equal(world.sockets.length, 1);
  page.tell("pageshow", { persisted: true });
  assert.equal(client.state.name, "connecting");
});

test("a closed client does not listen to the page", async (t) => {
  const page = new FakePage();
  const world = fakeWorld(t, { page });
  const client = await world.open();
  assert.equal(page.listeners, 4);
  client.close();
  assert.equal(page.listeners, 0);
  client.reconnect();
  await world.settle();
  world.socket.open();
  world.socket.end(1006);
  page.tell("online");
  await world.settle();
  assert.deepEqual([page.listeners, world.sockets.length], [4, 3]);
});

test("a message on its way is a sign of life, and one that is stuck is none", async (t) => {
  const world = fakeWorld(t, patient);
  const client = await world.open({ silence: 1_000 });
  // The server takes 100 kB each second, and an answer would come behind all of it.
  world.socket.bufferedAmount = 1_000_000;
  for (let second = 0; second < 8; second += 1) {
    await world.pass(1_000);
    world.socket.bufferedAmount -= 100_000;
  }
  assert.equal(client.state.name, "open");
  await world.pass(2_000);
  assert.deepEqual([client.state.name, world.socket.bufferedAmount], ["connecting", 0]);
  assert.deepEqual(world.sockets[0].closed, { code: 3008, reason: "no answer in time" });
});
