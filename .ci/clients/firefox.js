// Debian's Firefox, driven over WebDriver BiDi, which it speaks itself.

import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { WebSocket } from "ws";

import { within } from "../browser/harness.js";
import { page } from "./pages.js";
import { start } from "./processes.js";

/** It looks for nothing outside this machine. */
const PREFERENCES = {
  "app.normandy.enabled": false,
  "app.update.enabled": false,
  "browser.safebrowsing.update.enabled": false,
  "browser.search.update": false,
  "browser.shell.checkDefaultBrowser": false,
  "datareporting.healthreport.uploadEnabled": false,
  "datareporting.policy.dataSubmissionEnabled": false,
  "extensions.getAddons.cache.enabled": false,
  "extensions.update.enabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "network.dns.disablePrefetch": true,
  "network.prefetch-next": false,
  "services.settings.server": "data:,",
  "toolkit.telemetry.server": "data:,",
};

export async function firefoxPage(url) {
  const profile = await mkdtemp(join(tmpdir(), "firefox-"));
  const preferences = Object.entries(PREFERENCES).map(([name, value]) => `user_pref("${name}", ${JSON.stringify(value)});\n`);
  await writeFile(join(profile, "user.js"), preferences.join(""));
  const options = ["--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0"];
  const { child, end } = start("firefox-esr", options, { stdio: ["ignore", "ignore", "pipe"] });
  const listens = new Promise((resolve) => {
    createInterface({ input: child.stderr }).on("line", (line) => {
      const [, url] = /BiDi listening on (ws:\S+)/.exec(line) ?? [];
      if (url) resolve(url);
    });
  });
  const socket = new WebSocket(`${await within(listens, "Firefox")}/session`);
  await within(once(socket, "open"), "a session of Firefox");
  const answers = new Map();
  socket.on("message", (data) => {
    const answer = JSON.parse(data);
    answers.get(answer.id)?.(answer);
  });
  let commands = 0;
  const command = async (method, params) => {
    const id = (commands += 1);
    const answered = new Promise((resolve) => answers.set(id, resolve));
    socket.send(JSON.stringify({ id, method, params }));
    const answer = await within(answered, method);
    if (answer.type !== "success") throw new Error(`${method}: ${answer.error}, ${answer.message}`);
    return answer.result;
  };
  const { capabilities } = await command("session.new", { capabilities: { alwaysMatch: { acceptInsecureCerts: true } } });
  const { contexts } = await command("browsingContext.getTree", {});
  const [{ context }] = contexts;
  return page(url, {
    version: `Firefox ${capabilities.browserVersion}`,
    goto: (url) => command("browsingContext.navigate", { context, url, wait: "complete" }),
    async call(run, argument) {
      const { result, exceptionDetails } = await command("script.callFunction", {
        functionDeclaration: `async (argument) => JSON.stringify(await (${run})(JSON.parse(argument)))`,
        arguments: [{ type: "string", value: JSON.stringify(argument) }],
        target: { context },
        awaitPromise: true,
      });
      if (exceptionDetails) throw new Error(exceptionDetails.text);
      return result.type === "string" ? JSON.parse(result.value) : undefined;
    },
    async close() {
      await end();
      await rm(profile, { recursive: true });
    },
  });
}
