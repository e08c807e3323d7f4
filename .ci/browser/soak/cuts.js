// The ways in which the connection of a page ends. Each resolves when its page knows that it has ended.

import assert from "node:assert/strict";

import { startServer } from "../matrix/server.js";

export const isOpen = ({ state }) => state === "open";
const isNotOpen = ({ state }) => state !== "open";

/** The connection is reset. */
export async function reset(page) {
  const ended = page.becomes(isNotOpen);
  page.line.reset();
  await ended;
}

/** The network swallows everything, and neither end is told. */
export async function swallow(page, { noticed }) {
  const ended = page.becomes(isNotOpen);
  const begun = Date.now();
  page.line.swallow();
  noticed.push((await ended).time - begun);
}

/** The server drains, and listens again: the connections of both pages are closed. */
export async function restart(_, { server, pages }) {
  const ended = Promise.all(pages.map((page) => page.becomes(isNotOpen)));
  const { ok } = await fetch(new URL("/restart", server.origins.http), { method: "POST" });
  assert(ok);
  await ended;
}

/** The page is offline, then online. */
export async function offline(page) {
  const ended = page.becomes(isNotOpen);
  await page.setOffline(true);
  page.line.reset();
  await ended;
  await page.setOffline(false);
}

/** The process of the server ends with all that it remembers, and another one begins. */
export async function forget(_, world) {
  const ended = Promise.all(world.pages.map((page) => page.becomes(isNotOpen)));
  await world.server.stop();
  world.server = await startServer({ at: world.server });
  await ended;
  await Promise.all(world.pages.map((page) => page.is(isOpen)));
}
