// Debian's WebKitGTK, driven over WebDriver. It has no headless mode: Xvfb is its screen.

import { once } from "node:events";
import { connect, createServer } from "node:net";
import { createInterface } from "node:readline";

import { DEADLINE, within } from "../browser/harness.js";
import { page } from "./pages.js";
import { start } from "./processes.js";

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** Resolves when something listens on the port. The driver says nothing about it: it has to be tried. */
async function listens(port) {
  for (const end = Date.now() + DEADLINE; ; ) {
    const socket = connect(port, "127.0.0.1");
    const isThere = await once(socket, "connect").then(() => true, () => false);
    socket.destroy();
    if (isThere) return;
    if (Date.now() > end) throw new Error(`WebKitWebDriver does not listen on ${port}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export async function webkitPage(url) {
  const screen = start("Xvfb", ["-displayfd", "1", "-nolisten", "tcp"], { stdio: ["ignore", "pipe", "ignore"] });
  const [display] = await within(once(createInterface({ input: screen.child.stdout }), "line"), "Xvfb");
  const port = await freePort();
  const driver = start("WebKitWebDriver", [`--port=${port}`], {
    // The sandbox needs privileges that containers do not have.
    env: { ...process.env, DISPLAY: `:${display}`, WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1" },
    stdio: ["ignore", "inherit", "inherit"],
  });
  await listens(port);
  const command = async (method, path, body) => {
    const url = `http://127.0.0.1:${port}${path}`;
    const answered = fetch(url, { method, body: body && JSON.stringify(body) }).then((response) => response.json());
    const { value } = await within(answered, `${method} ${path}`);
    if (value?.error) throw new Error(`${method} ${path}: ${value.error}, ${value.message}`);
    return value;
  };
  const capabilities = { alwaysMatch: { acceptInsecureCerts: true } };
  const session = await command("POST", "/session", { capabilities });
  const path = `/session/${session.sessionId}`;
  return page(url, {
    version: `WebKitGTK ${session.capabilities.browserVersion}`,
    goto: (url) => command("POST", `${path}/url`, { url }),
    async call(run, argument) {
      const script = `const [argument, done] = arguments; (async () => (${run})(argument))().then(
        (value) => done({ value }),
        (error) => done({ error: String(error) }),
      );`;
      const { value, error } = await command("POST", `${path}/execute/async`, { script, args: [argument] });
      if (error) throw new Error(error);
      return value;
    },
    async close() {
      await command("DELETE", path);
      await driver.end();
      await screen.end();
    },
  });
}
