// Messages without a type, bytes, and ends of all kinds.

import assert from "node:assert/strict";

import { check, within } from "../browser/harness.js";
import { openConsole } from "./console_page.js";

export async function raw(browser, { url, handshakes }) {
  const console = await openConsole(browser, url, { endpoint: "raw" });

  await check("raw: texts are sent as they are", async () => {
    await console.connect();
    await console.part("text").fill('{"not": parsed}');
    await console.part("send").click();
    await console.row("received", "text").waitFor();
    assert.equal(await console.row("received", "text").locator(".size").textContent(), "15 B");
  });

  await check("raw: bytes are entered and shown in hexadecimal", async () => {
    await console.chooseKind("(binary)");
    await console.part("text").fill("48 65 6c 6c 6f 0");
    await console.problemsAre("a byte has two digits: one is missing");
    await console.part("text").fill("48 65 zz");
    await console.problemsAre("1:7 “z” is no hexadecimal digit");
    assert.equal(await console.part("send").isDisabled(), true);
    await console.part("text").fill("48656c6c6f 00 ff");
    await console.part("send").click();
    const row = console.row("received", "binary");
    await row.waitFor();
    assert.equal(await row.locator(".size").textContent(), "7 B");
    assert.equal(await row.locator(".preview").textContent(), "48 65 6c 6c 6f 00 ff");
    await console.inspect(row);
    assert.match(await console.inspected(), /^000000 {2}48 65 6c 6c 6f 00 ff +Hello\.\.$/);
  });

  const end = async (text, words) => {
    await console.chooseKind("(text)");
    await console.part("text").fill(text);
    await console.part("send").click();
    await console.rows(words).waitFor();
    await console.stateIs("closed");
    await console.connect();
  };

  await check("raw: close codes of the server's are explained", async () => {
    await end("close 1012 back soon", "Closed by the server: 1012 the server restarts, “back soon”.");
    await end("close 3008", "Closed by the server: 3008 timeout: no pong, or idle.");
  });

  await check("raw: a connection that is lost is told from one that is closed", async () => {
    await end("lose", "Lost (1006): the connection ended without a closing handshake.");
  });

  await check("raw: copying works where a page has no clipboard, as over plain HTTP", async () => {
    const before = () => Object.defineProperty(navigator, "clipboard", { value: undefined });
    const plain = await openConsole(browser, url, { endpoint: "raw", before });
    await plain.connect();
    await plain.part("filter").fill("Connecting");
    await plain.part("copyAll").click();
    await plain.part("announcements").getByText("Copied").waitFor();
    await plain.part("filter").fill("");
    await plain.page.keyboard.press("Control+V");
    assert.match(await plain.part("filter").inputValue(), /^\d\d:\d\d:\d\d\.\d{3} · Connecting to ws:/);
    await plain.close();
  });

  await check("raw: a page that is left closes its connection at once", async () => {
    if (!handshakes) return;
    const { closed } = handshakes.at(-1);
    await console.page.goto("about:blank");
    assert.equal(await within(closed, "the end"), 1000);
  });

  await console.close();
}
