// Two pages with the generated client exchange numbers through a room with history, while their connections are cut.
//
// Nothing is lost, doubled or out of order at the callbacks, whatever is cut: see `exchange.js` for what counts as said.
// The server restarts in a process that keeps the room, since rooms are memory. A process that ends forgets them:
// the clients hear `lost` then, and that is a check of its own.

import assert from "node:assert/strict";

import { check } from "../harness.js";
import { startServer } from "../matrix/server.js";
import { chance } from "./chance.js";
import { forget, isOpen, offline, reset, restart, swallow } from "./cuts.js";
import { openInNetwork } from "./page.js";

const SILENCE = 1_000;

/** Numbers that a page may be ahead of the other one. */
const AHEAD = 100;

/** Everything happens sooner than by default. Each connection counts as a stable one. */
const OPTIONS = { silence: SILENCE, connectTimeout: 2 * SILENCE, spread: 500, stable: 0 };

const seed = process.env.SEED ?? String(Date.now());

/** 2,000 numbers and 20 cuts. */
export async function soak(browser) {
  await run(browser, { numbers: 2_000, cuts: 20, kinds: [reset, swallow, restart, offline] });
  await run(browser, { numbers: 1_000, cuts: 3, kinds: [forget] });
}

/** 20,000 numbers and 200 cuts. */
export async function longSoak(browser) {
  await run(browser, { numbers: 20_000, cuts: 200, kinds: [reset, swallow, restart, offline] });
}

async function run(browser, { numbers, cuts, kinds }) {
  const names = kinds.map(({ name }) => name).join(", ");
  await check(`soak: ${numbers} numbers, ${cuts} cuts (${names}; SEED=${seed})`, async () => {
    const draw = chance(seed);
    const total = numbers / 2;
    const calm = total - 3 * AHEAD;
    const plan = drawKinds(draw, cuts, kinds);
    const cutsOf = drawNumbers(draw, cuts, calm);
    const server = await startServer();
    const port = Number(server.numbers.port);
    const pages = await Promise.all([openInNetwork(browser, port), openInNetwork(browser, port)]);
    const world = { server, pages, noticed: [] };
    const arrive = barrier(pages.length);
    // One cut at a time.
    let last = Promise.resolve();
    const cut = (page) => (last = last.then(() => page.is(isOpen)).then(() => plan.pop()(page, world)));
    const given = { total, ahead: AHEAD, calm, options: OPTIONS };
    const exchanges = pages.map((page, n) => {
      const [own, other] = n === 0 ? ["ann", "bob"] : ["bob", "ann"];
      return page.exchange({ arrive, cut: () => cut(page) }, { ...given, own, other, cuts: cutsOf[n] });
    });
    try {
      judge(await Promise.all(exchanges), world, { numbers, kinds });
      assert.deepEqual(plan, []);
    } finally {
      await Promise.all(pages.map((page) => page.leave()));
      await world.server.stop();
    }
  });
}

/** Returns a function whose promises resolve when it has been called so many times. */
function barrier(calls) {
  let release;
  const released = new Promise((resolve) => (release = resolve));
  return () => {
    calls -= 1;
    if (calls === 0) release();
    return released;
  };
}

/** Returns kinds of cuts, each of them as often, in any order. */
function drawKinds(draw, cuts, kinds) {
  const all = Array.from({ length: cuts }, (_, n) => ({ kind: kinds[n % kinds.length], place: draw() }));
  return all.sort((one, other) => one.place - other.place).map(({ kind }) => kind);
}

/** Returns the numbers at which each of the two pages is cut, all of them below `calm`. */
function drawNumbers(draw, cuts, calm) {
  const all = [new Set(), new Set()];
  while (all[0].size + all[1].size < cuts) all[Math.floor(draw() * 2)].add(1 + Math.floor(draw() * (calm - 1)));
  return all.map((numbers) => [...numbers]);
}

function judge(counts, { noticed }, { numbers, kinds }) {
  for (const { heard, lost } of counts) {
    if (kinds.includes(forget)) assert(lost > 0);
    else assert.deepEqual([heard, lost], [numbers, 0]);
  }
  const latest = Math.max(0, ...noticed);
  assert(latest <= 2 * SILENCE, `a half-open connection was noticed after ${latest} ms`);
  console.log(`     ${counts.map((count) => JSON.stringify(count)).join(" ")}; ${noticed.length} half-open, noticed within ${latest} ms`);
}
