// Wrong options and arguments: each is an error at once that says what to write.

import assert from "node:assert/strict";
import { test } from "node:test";

import { FakePage, fakeWorld } from "./fakes.js";
import { ClientError, connect } from "./runtime.js";

const path = { room: "lobby" };
const query = { token: "t" };
const URL_WANTED = "write the server's URL, such as `wss://example.org`, without a fragment";
const TEXT_WANTED = "write a text, a number up to 2^53 - 1, or a bigint";
const PROTOCOLS_WANTED = 'write a list of words such as ["v2"], each once';

/** Asserts that a client cannot be made, for a reason, and that nothing is left of it. */
function isRefused(world, reason, name, options) {
  assert.throws(
    () => connect(name, options),
    (error) => {
      assert(error instanceof ClientError, String(error));
      assert.deepEqual([error.code, error.message], ["bad_option", reason]);
      return true;
    },
  );
  assert.deepEqual([world.sockets.length, world.clock.countTimers()], [0, 0]);
}

test("URLs that cannot be", async (t) => {
  const world = fakeWorld(t);
  const refused = (shown, url) => isRefused(world, `the option \`url\` cannot be ${shown}: ${URL_WANTED}`, "jobs", { url });
  // Outside a page there is no other.
  isRefused(world, `the option \`url\` cannot be undefined: ${URL_WANTED}`, "jobs");
  for (const url of ["", "/api", "example.org", "localhost:3000", "ftp://x", "file:///x", "mailto:x", "ws://x/#", "ws://x/#a"]) {
    refused(JSON.stringify(url), url);
  }
  refused("of the type object", new URL("http://x/#a"));
  refused("of the type object", {});
  refused("7", 7);
  await world.settle();
  assert.equal(world.sockets.length, 0);
});

test("a page without an origin has no URL", (t) => {
  const page = new FakePage();
  page.globals.location.origin = "null";
  isRefused(fakeWorld(t, { page }), `the option \`url\` cannot be undefined: ${URL_WANTED}`, "jobs");
});

test("subprotocols that cannot be", (t) => {
  const world = fakeWorld(t);
  const refused = (reason, protocols) => isRefused(world, `${reason}: ${PROTOCOLS_WANTED}`, "jobs", { url: "ws://x", protocols });
  for (const wrong of ["", "a b", "a,b", "é", "a\n", "(a)"]) refused(`a subprotocol cannot be ${JSON.stringify(wrong)}`, ["v1", wrong]);
  refused('a subprotocol cannot be "v2"', ["v2", "v1", "v2"]);
  refused('the option `protocols` cannot be "v2"', "v2");
});

test("parameters that cannot be in a URL", (t) => {
  const world = fakeWorld(t);
  const url = "ws://x";
  const wrong = [
    ["undefined", undefined],
    ["null", null],
    ["NaN", NaN],
    ["Infinity", Infinity],
    ["9007199254740992", 2 ** 53],
    ['"\\ud800"', "\ud800"],
    ['"a\\udc00b"', "a\udc00b"],
    ["of the type object", {}],
    ["of the type object", ["a"]],
    ["of the type function", () => "a"],
    ["Symbol(a)", Symbol("a")],
    ["of the type object", Object.create(null)],
  ];
  for (const [shown, value] of wrong) {
    const refused = (of, options) => isRefused(world, `the ${of} cannot be ${shown}: ${TEXT_WANTED}`, "room", { url, ...options });
    refused("path parameter `room`", { path: { room: value }, query });
    // A query may do without a parameter.
    if (value !== undefined && value !== null) refused("query parameter `token`", { path, query: { token: value } });
  }
  isRefused(world, `the path parameter \`room\` cannot be undefined: ${TEXT_WANTED}`, "room", { url, query });
  for (const [name, rest] of [["room", ""], ["room", "."], ["room", ".."], ["rest", "a/../b"]]) {
    const wanted = "write a text that is not empty, and has no segment of dots";
    const [endpoint, path] = name === "room" ? ["room", { room: rest }] : ["board", { owner: 1, rest }];
    isRefused(world, `the path parameter \`${name}\` cannot be ${JSON.stringify(rest)}: ${wanted}`, endpoint, { url, path, query });
  }
  isRefused(world, 'the option `query` cannot be "a=b": write an object', "jobs", { url, query: "a=b" });
});

test("parameters that can", async (t) => {
  const world = fakeWorld(t);
  for (const [value, text] of [["🦀", "🦀"], [true, "true"], [2n ** 64n, "18446744073709551616"], [-0.5, "-0.5"], [1e21, "1e+21"]]) {
    world.connect("room", { path: { room: value }, query: { token: value } });
    await world.settle();
    const { pathname, searchParams } = world.socket.url;
    assert.deepEqual([decodeURIComponent(pathname), searchParams.get("token")], [`/rooms/${text}`, text]);
  }
});

test("numbers that cannot be", async (t) => {
  const world = fakeWorld(t);
  const least = { attempts: 1, spread: 0, connectTimeout: 1, stable: 0, silence: 1, timeout: 1, queue: 0, buffer: 1 };
  const defaults = [5, 10_000, 10_000, 10_000, 15_000, 10_000, 100, 1_000];
  for (const [index, [name, from]] of Object.entries(least).entries()) {
    const wrong = [NaN, -1, "1000", true, 10n, ...(from > 0 ? [0] : [])];
    for (const value of wrong) {
      const shown = typeof value === "string" ? `"${value}"` : String(value);
      const wanted = `write a number from ${from} to Infinity, such as ${defaults[index]}`;
      isRefused(world, `the option \`${name}\` cannot be ${shown}: ${wanted}`, "jobs", { url: "ws://x", [name]: value });
    }
    for (const value of [from, 1.5, Infinity, undefined]) world.connect("jobs", { [name]: value }).close();
  }
});

test("other options that cannot be", (t) => {
  const world = fakeWorld(t);
  const url = "ws://x";
  const names = "write one of room, board, jobs, raw";
  for (const name of ["none", "", "constructor", "__proto__"]) {
    isRefused(world, `the endpoint cannot be ${JSON.stringify(name)}: ${names}`, name, { url });
  }
  isRefused(world, `the endpoint cannot be undefined: ${names}`, undefined, { url });
  isRefused(world, 'the options cannot be "ws://x": write an object', "jobs", url);
  isRefused(world, "the option `retry` cannot be 500: write a function", "jobs", { url, retry: 500 });
  isRefused(world, "the option `webSocket` cannot be 7: write a function", "jobs", { url, webSocket: 7 });
});

test("requests that cannot be", async (t) => {
  const world = fakeWorld(t);
  const client = await world.open();
  const refused = (request, message) => assert.rejects(request, { name: "ClientError", code: "bad_option", message });
  await refused(client.request.say({ text: "a" }), 'the request cannot be "say": write one with a reply: add, total');
  const timeout = "the option `timeout` cannot be NaN: write a number from 1 to Infinity, such as 10000";
  await refused(client.request.total(undefined, { timeout: NaN }), timeout);
  const signal = "the option `signal` cannot be of the type object: write an `AbortSignal`";
  await refused(client.request.total(undefined, { signal: new AbortController() }), signal);
  assert.deepEqual([world.socket.sent, world.clock.countTimers()], [[], 1], "only the probe's");
  client.request.total(undefined, null).catch(() => {});
  assert.equal(world.socket.sent.length, 1);
  const board = world.connect("board", { path: { owner: 1, rest: "a" } });
  await refused(board.request.line([]), 'the request cannot be "line": write one with a reply: there is none');
});

test("callbacks that cannot be", async (t) => {
  const world = fakeWorld(t);
  const client = await world.open();
  const error = { code: "bad_option", message: "the callback cannot be undefined: write a function" };
  const all = [client.on.said, ...["onRaw", "onError", "onState", "onResumed", "onLagged"].map((name) => client[name].bind(client))];
  for (const subscribe of all) assert.throws(() => subscribe(), error);
  world.socket.say({ type: "said", from: 1, text: "a" });
});

test("wrong values of functions close the client, and say why", async (t) => {
  const world = fakeWorld(t);
  const late = (value) => async () => value;
  const reasons = [
    ["jobs", { url: late("nonsense") }, `the option \`url\` cannot be "nonsense": ${URL_WANTED}`],
    ["jobs", { url: late(undefined) }, `the option \`url\` cannot be undefined: ${URL_WANTED}`],
    ["jobs", { protocols: late(["a b"]) }, `a subprotocol cannot be "a b": ${PROTOCOLS_WANTED}`],
    ["room", { path, query: late({ token: NaN }) }, `the query parameter \`token\` cannot be NaN: ${TEXT_WANTED}`],
  ];
  for (const [name, options, reason] of reasons) {
    const client = world.connect(name, options);
    const waiting = name === "room" ? client.request.total() : undefined;
    waiting?.catch(() => {});
    await world.settle();
    assert.deepEqual(client.state, {
      name: "closed",
      code: 1006,
      reason: `ClientError: ${reason}`,
      by: "rule",
      unsent: waiting ? 1 : 0,
    });
    if (waiting) await assert.rejects(waiting, { code: "closed" });
  }
  assert.deepEqual([world.sockets.length, world.clock.countTimers()], [0, 0]);
});

test("a function that is wrong only later closes the client, too, and one that throws does not", async (t) => {
  const world = fakeWorld(t);
  const ends = [];
  const tokens = ["t", new Error("no network"), "t", {}];
  const client = await world.open({
    query: () => {
      const token = tokens.shift();
      if (token instanceof Error) throw token;
      return { token };
    },
  });
  client.onState(({ name, reason }) => ends.push([name, reason]));
  await world.comeBack();
  assert.deepEqual(ends.filter(([name]) => name === "waiting"), [["waiting", ""], ["waiting", "Error: no network"]]);
  world.socket.end(1006);
  await world.pass(30_000);
  assert.equal(client.state.name, "closed");
  assert.match(client.state.reason, /^ClientError: the query parameter `token` cannot be of the type object/);
});

test("the rule is told the error of an attempt", async (t) => {
  const world = fakeWorld(t);
  const error = new Error("signed out");
  const client = world.connect("jobs", {
    url: () => Promise.reject(error),
    retry: ({ cause }) => (cause === error ? null : 0),
  });
  await world.settle();
  assert.deepEqual([client.state.name, client.state.reason], ["closed", "Error: signed out"]);
});

test("a WebSocket that its host refuses closes the client", async (t) => {
  const world = fakeWorld(t);
  globalThis.WebSocket = class {
    constructor() {
      throw new SyntaxError("not this one");
    }
  };
  const client = world.connect("jobs");
  await world.settle();
  const { name, reason } = client.state;
  assert.equal(name, "closed");
  assert.equal(reason, "ClientError: there can be no WebSocket for ws://example.org: SyntaxError: not this one");
});
