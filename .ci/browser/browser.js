// Chromium, as all checks use it.

import { chromium } from "playwright-core";

import { DEADLINE } from "./harness.js";

const options = {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  timeout: DEADLINE,
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
};

/** The name among the others of the browser that keeps pages. */
const KEEPS = "back/forward cache";

const shared = new Map();
const processes = new Set();

const withSwitches = (switches) => ({ ...options, args: [...options.args, ...switches] });

/** A browser with these switches of its command line, the same one every time. */
export function browserWith(...switches) {
  const key = switches.join(" ");
  if (!shared.has(key)) shared.set(key, chromium.launch(withSwitches(switches)));
  return shared.get(key);
}

/** A browser that keeps the pages that are left, as people's do: the driver switches that off. */
export function browserThatKeepsPages() {
  if (!shared.has(KEEPS)) shared.set(KEEPS, chromium.launch({ ...options, ignoreDefaultArgs: ["--disable-back-forward-cache"] }));
  return shared.get(KEEPS);
}

/** A browser of one's own, and a way to kill it. */
export async function mortalBrowser(...switches) {
  const process = await chromium.launchServer(withSwitches(switches));
  processes.add(process);
  process.once("close", () => processes.delete(process));
  return { browser: await chromium.connect(process.wsEndpoint()), kill: () => process.kill() };
}

export async function closeAll() {
  const browsers = await Promise.allSettled(shared.values());
  await Promise.allSettled([
    ...browsers.map(({ value }) => value?.close()),
    ...[...processes].map((process) => process.kill()),
  ]);
}
