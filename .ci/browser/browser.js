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

const browsers = new Set();

/** Starts a browser; `more` are switches of its command line. */
export async function launch(...more) {
  const browser = await chromium.launch({ ...options, args: [...options.args, ...more] });
  browsers.add(browser);
  browser.on("disconnected", () => browsers.delete(browser));
  return browser;
}

export const closeAll = () => Promise.all([...browsers].map((browser) => browser.close().catch(() => {})));
