// The console in a browser: what a person does with it, and sees in it.

import assert from "node:assert/strict";

import { DEADLINE, within } from "../browser/harness.js";

/** Mistakes of all pages: errors of scripts, and what their policy has blocked. */
export const mistakes = [];

/** Opens the console in a context of its own, at an endpoint if one is named. */
export async function openConsole(browser, url, { endpoint, before, requests, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(DEADLINE);
  page.on("pageerror", (error) => mistakes.push(String(error.stack)));
  page.on(
    "console",
    (message) => /Content.Security.Policy/i.test(message.text()) && mistakes.push(message.text()),
  );
  page.on("request", (request) => requests?.push(request.url()));
  if (before) await page.addInitScript(before);
  await page.goto(endpoint ? `${url}#${endpoint}` : url);
  await page.locator(".session").waitFor();
  return new ConsolePage(page, context);
}

class ConsolePage {
  #onSent = () => {};

  constructor(page, context) {
    this.page = page;
    this.context = context;
    page.on("websocket", (socket) => socket.on("framesent", ({ payload }) => this.#onSent(payload)));
  }

  close() {
    return this.context.close();
  }

  /** The element of the shown endpoint with this name among the parts of the page. */
  part(name) {
    return this.page.locator(`.session [data-part="${name}"]`);
  }

  /** The control of a field of the message's form. */
  field(label) {
    return this.part("fields").locator("input, select, textarea").and(this.page.getByLabel(label));
  }

  /** The frame of a field of the message's form that has fields of its own. */
  group(name) {
    const legend = this.page.locator(`> legend .name:text-is("${name}")`);
    return this.part("fields").locator("fieldset.group", { has: legend });
  }

  button(name, within = this.page) {
    return within.getByRole("button", { name, exact: true });
  }

  async chooseEndpoint(name) {
    await this.page.locator(`aside a[href="#${name}"]`).click();
    await this.part("name").getByText(name, { exact: true }).waitFor();
  }

  chooseKind(name) {
    return this.part("kinds").getByText(name, { exact: true }).click();
  }

  /** Switches the message to "Form" or "JSON". */
  switchTo(mode) {
    return this.part("modes").getByText(mode, { exact: true }).click();
  }

  async fillConnection({ path = {}, query = {} }) {
    for (const [name, value] of Object.entries(path))
      await this.part("pathFields").getByLabel(name).fill(value);
    for (const [name, value] of Object.entries(query))
      await this.part("queryFields").getByLabel(name).fill(value);
  }

  async connect(fields = {}) {
    await this.fillConnection(fields);
    await this.part("toggle").click();
    await this.stateIs("open");
  }

  stateIs(state) {
    return this.page.locator(`.session .connect[data-state="${state}"]`).waitFor();
  }

  /** Sends the message. Returns it as it was on the wire. */
  async send() {
    const sent = new Promise((resolve) => (this.#onSent = resolve));
    await this.part("send").click();
    return within(sent, "the message on the wire");
  }

  /** Sends a text as it is. Returns it as it was on the wire. */
  async sendText(text) {
    await this.switchTo("JSON");
    await this.part("text").fill(text);
    return this.send();
  }

  /** The rows of the conversation that have a text. */
  rows(text) {
    return this.page.locator(".session .row", { hasText: text });
  }

  /** The last row of a direction and a kind. */
  row(direction, kind) {
    return this.page
      .locator(`.session .row.${direction}`)
      .filter({ has: this.page.locator(".kind").getByText(kind, { exact: true }) })
      .last();
  }

  /** Selects a row. Returns what is said of it in full. */
  async inspect(row) {
    await row.click();
    return this.part("inspector").innerText();
  }

  /** The text of the selected message. */
  inspected() {
    return this.part("inspectorBody").textContent();
  }

  /** The problems that the page has of the message. */
  async problemsAre(...expected) {
    const list = this.part("problemList").locator("li");
    await list.nth(expected.length - 1).waitFor();
    const texts = await list.allTextContents();
    assert.equal(texts.length, expected.length, texts.join("\n"));
    expected.forEach((part, index) =>
      assert.ok(texts[index].includes(part), `"${texts[index]}" has no "${part}"`),
    );
  }

  /** The value of the message's form, in the page's own words. */
  async formAsText() {
    await this.switchTo("JSON");
    const text = await this.part("text").inputValue();
    await this.switchTo("Form");
    return text;
  }

  /** Returns true if the page is wider than its window. */
  isTooWide() {
    return this.page.evaluate(
      () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
    );
  }
}
