// What holds for the console of any server.

import assert from "node:assert/strict";

import { check, within } from "../browser/harness.js";
import { openConsole } from "./console_page.js";

export async function anyServer(browser, { url, contract }) {
  const endpoints = Object.entries(contract.channels);
  const asked = (name) =>
    Object.values(contract.operations)
      .filter(({ action, channel }) => action === "receive" && channel.$ref === `#/channels/${name}`)
      .flatMap(({ messages }) => messages.map(({ $ref }) => $ref.split("/").at(-1)))
      .map((key) => contract.components.messages[key].name)
      // The page sends the library's own messages by itself.
      .filter((kind) => !kind.startsWith("$"));

  await check(
    "the policy of the page allows its own files and its own server, and nothing else",
    async () => {
      const { headers } = await within(fetch(url), url);
      const policy = headers.get("content-security-policy") ?? "";
      assert.match(policy, /default-src 'none'/);
      assert.doesNotMatch(policy, /unsafe|\*|https?:/);
    },
  );

  const requests = [];
  const console = await openConsole(browser, url, { requests });

  await check("the page asks nothing of another server, and lists every endpoint with its path", async () => {
    const { origin } = new URL(url);
    assert.ok(requests.length > 5);
    const others = requests.filter((request) => !request.startsWith(origin) && !request.startsWith("data:"));
    assert.deepEqual(others, []);
    const listed = await console.page.locator("aside li a").evaluateAll((links) => {
      const textOf = (link, part) => link.querySelector(part).textContent.trim();
      return links.map((link) => [textOf(link, "strong"), textOf(link, "code")]);
    });
    const expected = endpoints.map(([name, { address }]) => [name, address]);
    assert.deepEqual(listed, expected);
  });

  await check("an address that names no endpoint shows the first one", async () => {
    for (const hash of ["#nothing", "#%"]) {
      const lost = await openConsole(browser, `${url}${hash}`);
      await lost.part("name").getByText(endpoints[0][0], { exact: true }).waitFor();
      await lost.close();
    }
  });

  await check("the document and the client can be downloaded", async () => {
    const files = { AsyncAPI: "asyncapi.json", TypeScript: "client.ts" };
    for (const [label, name] of Object.entries(files)) {
      const waiting = within(console.page.waitForEvent("download"), name);
      await console.page.getByRole("link", { name: label }).click();
      const download = await waiting;
      assert.equal(download.suggestedFilename(), name);
      assert.equal(await download.failure(), null);
    }
  });

  await check("each message has a form, and what it has first is valid and the same as JSON", async () => {
    for (const [name] of endpoints) {
      await console.chooseEndpoint(name);
      for (const kind of asked(name)) {
        await console.chooseKind(kind || '""');
        const text = await console.formAsText();
        const problems = await console.part("problemList").locator("li").allTextContents();
        assert.deepEqual(problems, [], `${name}, ${kind}`);
        assert.equal(await console.formAsText(), text, `${name}, ${kind}`);
      }
    }
  });

  await check("each control has a name that screen readers can say", async () => {
    for (const [name] of endpoints) {
      await console.chooseEndpoint(name);
      for (const kind of asked(name)) {
        await console.chooseKind(kind || '""');
        await addAll(console);
        assert.deepEqual(await nameless(console), [], `${name}, ${kind}`);
      }
      assert.deepEqual(await nameless(console), [], name);
    }
    await console.close();
  });

  await check("nothing is cut off in a window of 360 pixels", async () => {
    const console = await openConsole(browser, url, { viewport: { width: 360, height: 740 } });
    const views = console.page.getByRole("navigation", { name: "Views" });
    for (const [name] of endpoints) {
      await views.getByRole("button", { name: "Endpoints" }).click();
      await console.chooseEndpoint(name);
      for (const kind of asked(name)) {
        await console.chooseKind(kind || '""');
        assert.deepEqual(await cutOff(console), [], `${name}, ${kind}`);
      }
      assert.deepEqual(await cutOff(console), [], name);
      await views.getByRole("button", { name: "Conversation" }).click();
      assert.equal(await console.isTooWide(), false, name);
    }
    await console.close();
  });

  await check("texts stand out from what is behind them, in light and in dark", async () => {
    for (const colorScheme of ["light", "dark"]) {
      const console = await openConsole(browser, url, { colorScheme });
      const colors = await console.page.evaluate(() => {
        const style = getComputedStyle(document.documentElement);
        const names = [
          "page",
          "card",
          "tint",
          "bad-tint",
          "text",
          "muted",
          "accent",
          "on-accent",
          "good",
          "bad",
        ];
        return Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
      });
      const pairs = [
        ...["text", "muted", "accent", "bad"].flatMap((front) => [
          [front, "page"],
          [front, "card"],
        ]),
        ["text", "tint"],
        ["muted", "tint"],
        ["good", "card"],
        ["bad", "bad-tint"],
        ["muted", "bad-tint"],
        ["on-accent", "accent"],
      ];
      for (const [front, back] of pairs) {
        const ratio = contrast(colors[front], colors[back]);
        assert.ok(ratio >= 4.5, `${colorScheme}: ${front} on ${back} has a contrast of ${ratio.toFixed(2)}`);
      }
      await console.close();
    }
  });

  await check("nothing moves for people who want no motion", async () => {
    const console = await openConsole(browser, url, { reducedMotion: "reduce" });
    const animation = await console.page.evaluate(() => {
      document.querySelector(".connect").dataset.state = "connecting";
      return getComputedStyle(document.querySelector(".connect .state"), "::before").animationName;
    });
    assert.equal(animation, "none");
    await console.close();
  });
}

/** Adds the fields that may be left out, and an item of each list. A type may contain itself. */
async function addAll(console) {
  const adds = console.part("fields").getByRole("button", { name: /^Add / });
  for (let added = 0, at = 0; added < 30 && at < (await adds.count()); added += 1) {
    const before = await adds.count();
    await adds.nth(at).click();
    // The button of a field is gone with that, the one of a list stays.
    if ((await adds.count()) >= before) at += 1;
  }
}

/** The controls in sight that have no name. */
const nameless = ({ page }) =>
  page.evaluate(() =>
    [...document.querySelectorAll("input, select, textarea, button, output, [role=listbox], [role=region]")]
      .filter((control) => control.checkVisibility())
      .filter((control) => {
        const labels = [...(control.labels ?? [])].map((label) => label.textContent.trim()).join("");
        const own = control.tagName === "BUTTON" ? control.textContent.trim() : "";
        return !(control.getAttribute("aria-label") || labels || own);
      })
      .map((control) => control.outerHTML),
  );

/** The elements of which a part is beyond the window, or beyond the card that they are in. */
const cutOff = ({ page }) =>
  page.evaluate(() =>
    [...document.querySelectorAll(".session *")]
      .filter((it) => it.checkVisibility() && it.closest(".visually-hidden") === null)
      // What ends with an ellipsis is meant to, and has its whole text in its title.
      .filter((it) => it.parentElement.closest("legend span, .row") === null)
      .filter((it) => {
        const { right } = it.getBoundingClientRect();
        const card = it.closest(".card")?.getBoundingClientRect().right ?? innerWidth;
        return right > Math.min(innerWidth, card) + 1;
      })
      .map((it) => it.outerHTML.slice(0, 200)),
  );

/** The contrast ratio of two colours, as WCAG defines it. */
function contrast(first, second) {
  const [light, dark] = [first, second].map(luminance).sort((left, right) => right - left);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(color) {
  const channels = color.match(/[\da-f]{2}/gi).map((digits) => parseInt(digits, 16) / 255);
  const linear = channels.map((value) =>
    value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
}
