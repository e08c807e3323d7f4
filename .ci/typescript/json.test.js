// Values that are odd in JSON: each is written as `JSON.stringify` does it, or is an error.

import assert from "node:assert/strict";
import { test } from "node:test";

import { fakeWorld } from "./fakes.js";

async function open(t) {
  const world = fakeWorld(t);
  const client = world.connect("jobs");
  await world.settle();
  world.socket.open();
  /** Sends a value, and returns it as it is on the wire. */
  const written = (value) => {
    client.send.run(value);
    return world.socket.sent.pop().slice('{"run":'.length, -1);
  };
  return { world, client, written };
}

class Money {
  constructor(cents) {
    this.cents = cents;
  }
  get euros() {
    return this.cents / 100;
  }
  toJSON(name) {
    return `${name}: ${this.cents}`;
  }
}

test("values are written as `JSON.stringify` writes them", async (t) => {
  const { written } = await open(t);
  const sparse = [];
  sparse[2] = 1;
  const listed = Object.assign([1, 2], { toJSON: () => "a list" });
  const called = Object.assign(() => {}, { toJSON: () => "a function" });
  const values = {
    sparse: [sparse, [, , ], new Array(3)],
    nothing: [undefined, null, () => {}, Symbol("a"), { a: undefined, b() {}, c: Symbol("c"), [Symbol("d")]: 1 }],
    numbers: [NaN, Infinity, -Infinity, -0, 0.1, 1e21, 1e300, 2 ** 53 - 1, -(2 ** 53 - 1)],
    boxed: [new Number(1), new String("ab"), new Boolean(false), Object.assign(new String("a"), { b: 1 })],
    replaced: { date: new Date(0), invalid: new Date(NaN), url: new URL("ws://x"), money: [new Money(7)], listed, called },
    classes: [new Map([[1, 2]]), new Set([1]), new Error("a"), /a/, new (class A { b = 1; #c = 2; get d() { return 3; } })()],
    bytes: [new Uint8Array([1, 2]), new ArrayBuffer(2)],
    strings: ["\ud800", "\u2028", '"\\\n', "\u0000"],
    names: { "": 1, '"': 2, "\ud800": 3, 7: 4, ["__proto__"]: 5 },
    bare: Object.assign(Object.create(null), { a: 1 }),
    inherited: Object.create({ a: 1 }, { b: { value: 2, enumerable: true }, c: { value: 3 } }),
    proxy: new Proxy({ a: [1] }, {}),
    toNothing: [{ toJSON: () => undefined }, { a: { toJSON: () => undefined } }],
    long: Array.from({ length: 200_000 }, (_, index) => index),
  };
  for (const [name, value] of Object.entries(values)) assert.equal(written(value), JSON.stringify(value), name);
  assert.equal(written([1n, Object(2n), { toJSON: () => 3n }]), "[1,2,3]");
});

test("fields are those of the object that stands for the payload", async (t) => {
  const world = fakeWorld(t);
  const client = await world.open();
  client.send.say({ toJSON: () => ({ text: "hi" }) });
  client.send.say(undefined);
  assert.deepEqual(world.socket.sent.splice(0), ['{"type":"say","text":"hi"}', '{"type":"say"}']);
  for (const payload of ["hi", 7, ["hi"], new Date(0), () => {}]) {
    const message = "the message cannot be written: TypeError: the fields of `say` are no object";
    assert.throws(() => client.send.say(payload), { code: "bad_message", message });
  }
});

test("a number that is no exact integer is written as a float, which no integer is read from", async (t) => {
  const { written } = await open(t);
  const numbers = [2 ** 53, -(2 ** 53), 1e16, 12345678901234567000, new Number(1e20)];
  const texts = ["9007199254740992.0", "-9007199254740992.0", "10000000000000000.0", "12345678901234567000.0", "100000000000000000000.0"];
  assert.equal(written(numbers), `[${texts.join()}]`);
  assert.deepEqual(JSON.parse(written(numbers)), numbers.map(Number));
  assert.equal(written([2n ** 53n, 2n ** 64n]), "[9007199254740992,18446744073709551616]");
});

test("a value that cannot be written is an error with its place, and nothing is sent", async (t) => {
  const { world, client, written } = await open(t);
  const thrown = new Error("not now");
  const fail = () => {
    throw thrown;
  };
  const cycle = [];
  cycle.push({ cycle });
  const deep = (levels) => {
    let value = 1;
    for (let level = 0; level < levels; level += 1) value = [value];
    return value;
  };
  const wrong = [
    [{ a: [1, { get b() { return fail(); } }] }, "run.a.1.b", "Error: not now", thrown],
    [{ a: { toJSON: fail } }, "run.a", "Error: not now", thrown],
    [new Proxy({}, { ownKeys: fail }), "run", "Error: not now", thrown],
    [cycle, "run.0.cycle.0.cycle.0.cycle.0.…", "RangeError: there are more than 127 levels"],
    [deep(127), "run.0.0.0.0.0.0.0.…", "RangeError: there are more than 127 levels"],
  ];
  for (const [value, place, error, cause] of wrong) {
    const check = (error_) => {
      assert.deepEqual([error_.name, error_.code], ["ClientError", "bad_message"]);
      assert.equal(error_.message, `the message cannot be written at \`${place}\`: ${error}`);
      if (cause) assert.equal(error_.cause, cause);
      return true;
    };
    assert.throws(() => client.send.run(value), check);
    await assert.rejects(client.request.run(value), check);
  }
  assert.deepEqual([world.socket.sent, world.clock.countTimers()], [[], 1], "only the probe's");
  // All goes on.
  assert.equal(written(deep(126)), JSON.stringify(deep(126)));
  const reply = client.request.run(1);
  world.socket.say({ line: "a", id: world.socket.messages[0].id });
  assert.equal((await reply).line, "a");
});

test("a message that cannot be written takes no place in the queue", async (t) => {
  const world = fakeWorld(t);
  const client = world.connect("jobs", { queue: 1 });
  assert.throws(() => client.send.run({ get a() { throw new Error("not now"); } }), { code: "bad_message" });
  client.send.run(1);
  await world.settle();
  world.socket.open();
  assert.deepEqual(world.socket.sent, ['{"run":1}']);
});
