// Integers of 64 bits and more: exact, in both directions.

import assert from "node:assert/strict";
import { test } from "node:test";

import { fakeWorld } from "./fakes.js";
import { generator } from "./generator.js";

const STRINGS = ["", "i1", "s", '"', "\\", '\\"', "é🦀\u2028", "12345678901234567890", "a:1234567890123456"];
const NUMBERS = ["0", "-0", "1.5", "1e300", "-1.0", "12345678901234567890.5", "1234567890123456789e3"];
const INTEGERS = [
  "9007199254740992",
  "-9007199254740993",
  "18446744073709551615",
  "-9223372036854775808",
  "340282366920938463463374607431768211455",
];

/** A value and its JSON, with spaces where JSON allows them. */
function sample(random, depth = 0) {
  const pick = (list) => list[random(list.length)];
  const space = () => pick(["", "", " ", "\n\t"]);
  switch (random(depth > 3 ? 4 : 6)) {
    case 0: {
      const text = pick(NUMBERS);
      return [Number(text), text];
    }
    case 1: {
      const text = pick(INTEGERS);
      return [BigInt(text), text];
    }
    case 2: {
      const value = pick(STRINGS);
      return [value, JSON.stringify(value)];
    }
    case 3:
      return pick([[null, "null"], [true, "true"], [false, "false"]]);
    case 4: {
      const items = Array.from({ length: random(4) }, () => sample(random, depth + 1));
      const text = items.map(([, text]) => space() + text + space()).join(",");
      return [items.map(([value]) => value), `[${text}]`];
    }
    default: {
      const names = [...STRINGS, "__proto__", "7"].filter(() => random(3) === 0);
      const fields = names.map((name) => [name, sample(random, depth + 1)]);
      const text = fields.map(([name, [, text]]) => `${space()}${JSON.stringify(name)}${space()}:${space()}${text}`);
      return [Object.fromEntries(fields.map(([name, [value]]) => [name, value])), `{${text}}`];
    }
  }
}

/** Returns a value as it is after it was written: without the sign of a zero. */
function afterWriting(value) {
  if (Array.isArray(value)) return value.map(afterWriting);
  if (typeof value === "number") return value + 0;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, afterWriting(field)]));
}

test("what the server sends is read exactly, and what is sent is written so", async (t) => {
  const world = fakeWorld(t);
  const client = world.connect("jobs");
  await world.settle();
  world.socket.open();
  const heard = [];
  client.on.line((value) => heard.push(value));
  const next = generator(19);
  const random = (below) => Math.floor(next() * below);
  let large = 0;
  for (let count = 0; count < 5_000; count += 1) {
    const [value, text] = sample(random);
    if (/\d{16}/.test(text)) large += 1;
    world.socket.sayData(`{"line":${text}}`);
    assert.deepEqual(heard.splice(0), [value], text);
    client.send.run(value);
    world.socket.sayData(world.socket.sent.pop().replace("run", "line"));
    assert.deepEqual(heard.splice(0), [afterWriting(value)], text);
  }
  assert(large > 1_000);
});

test("what is no JSON stays so, with large integers in it", async (t) => {
  const world = fakeWorld(t);
  const client = world.connect("jobs");
  await world.settle();
  world.socket.open();
  const heard = [];
  client.on.line((line) => heard.push(line));
  const errors = [];
  client.onError(({ code }) => errors.push(code));
  const bad = [
    '{"line":01234567890123456789}',
    '{"line":+12345678901234567890}',
    '{"line":12345678901234567890.}',
    '{"line":[1 12345678901234567890]}',
    '{"line":"12345678901234567890}',
    '{"line":"\\\n12345678901234567890"}',
    '{"line":12345678901234567890"a"}',
    '{12345678901234567890:1}',
    '{"line":12345678901234567890}}',
    '{"line":1-12345678901234567890}',
    '{"line":\'12345678901234567890\'}',
  ];
  for (const text of bad) {
    assert.throws(() => JSON.parse(text), text);
    world.socket.sayData(text);
  }
  assert.deepEqual([heard, errors], [[], bad.map(() => "malformed")]);
});

test("integers are numbers up to 2^53 - 1, and bigints beyond", async (t) => {
  const world = fakeWorld(t);
  const client = await world.open();
  const sums = [];
  client.on.total(({ sum }) => sums.push(sum));
  const integers = [9007199254740991n, 9007199254740992n, -9007199254740991n, -9007199254740992n];
  for (const integer of integers) world.socket.sayData(`{"type":"total","sum":${integer}}`);
  assert.deepEqual(sums, [9007199254740991, 9007199254740992n, -9007199254740991, -9007199254740992n]);
  client.request.add({ name: "a", by: 18446744073709551615n }).catch(() => {});
  assert.equal(world.socket.sent[0], '{"type":"add","name":"a","by":18446744073709551615,"id":1}');
});

test("a method `toJSON` holds, but not one of bigints", async (t) => {
  const world = fakeWorld(t);
  const client = await world.open();
  BigInt.prototype.toJSON = () => "a string";
  t.after(() => delete BigInt.prototype.toJSON);
  client.send.say({ text: { at: new Date(0), by: 1n, nothing: undefined, list: [undefined, () => {}, NaN] } });
  assert.equal(
    world.socket.sent[0],
    '{"type":"say","text":{"at":"1970-01-01T00:00:00.000Z","by":1,"list":[null,null,null]}}',
  );
});

test("large messages", async (t) => {
  const world = fakeWorld(t);
  const client = world.connect("jobs");
  await world.settle();
  world.socket.open();
  const heard = [];
  client.on.line((value) => heard.push(value));
  const long = "a\\".repeat(4_000_000);
  world.socket.sayData(JSON.stringify({ line: [long, 1] }).replace(/1]}$/, "12345678901234567890]}"));
  assert.equal(heard[0][0] === long, true);
  assert.equal(heard[0][1], 12345678901234567890n);
});
