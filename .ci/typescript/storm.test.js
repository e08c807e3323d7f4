// Ten thousand clients of a server that ends: the times of their attempts.

import assert from "node:assert/strict";
import { test } from "node:test";

import { fakeWorld } from "./fakes.js";
import { generator } from "./generator.js";
import { defaultRetry } from "./runtime.js";

const CLIENTS = 10_000;
const MOST = 0.15;
const SPREAD = 10_000;

/** Returns the times of one client's attempts, until one succeeds after `down` milliseconds. */
function attempts(code, down) {
  const times = [];
  let time = 0;
  for (let attempt = 0; times.length === 0 || times.at(-1) < down; attempt += 1) {
    time += defaultRetry({
      code: attempt === 0 ? code : 1006,
      reason: "",
      attempt,
      wasOpen: attempt === 0,
      everOpen: true,
      isDead: false,
      cause: undefined,
      previous: undefined,
      isOnline: true,
      isRefreshable: false,
      attempts: 5,
      spread: SPREAD,
    });
    times.push(time);
  }
  return times;
}

/** Returns the largest number of times within one second, wherever that begins. */
function busiestSecond(times) {
  const sorted = [...times].sort((a, b) => a - b);
  let first = 0;
  let most = 0;
  for (const [index, time] of sorted.entries()) {
    while (time - sorted[first] >= 1_000) first += 1;
    most = Math.max(most, index - first + 1);
  }
  return most;
}

for (const down of [0, 1, 3, 10, 30]) {
  for (const code of [1012, 1013, 1006]) {
    test(`a server that ends with ${code} and is down for ${down} s`, (t) => {
      t.mock.method(Math, "random", generator(code + down));
      const all = Array.from({ length: CLIENTS }, () => attempts(code, down * 1_000));
      const share = busiestSecond(all.flat()) / CLIENTS;
      const last = Math.max(...all.map((times) => times.at(-1)));
      t.diagnostic(`busiest second: ${(100 * share).toFixed(1)} %; all are back after ${(last / 1_000).toFixed(1)} s`);
      assert(share <= MOST, `${100 * share} %`);
      assert(last <= down * 1_000 + 30_000 + SPREAD);
    });
  }
}

test("clients that find a silent server dead, all having heard its last message at once", async (t) => {
  const world = fakeWorld(t);
  t.mock.method(Math, "random", generator(19));
  const count = CLIENTS;
  const times = [];
  for (let index = 0; index < count; index += 1) world.connect("jobs");
  await world.settle();
  for (const socket of world.sockets) socket.open();
  const silentSince = performance.now();
  while (world.sockets.length < 2 * count) {
    const before = world.sockets.length;
    await world.clock.nextAsync();
    for (let made = before; made < world.sockets.length; made += 1) times.push(performance.now() - silentSince);
  }
  const share = busiestSecond(times) / count;
  t.diagnostic(`noticed after ${Math.min(...times) / 1_000} to ${Math.max(...times) / 1_000} s; busiest second: ${100 * share} %`);
  assert(Math.max(...times) <= 30_000);
  assert(share <= MOST);
});
