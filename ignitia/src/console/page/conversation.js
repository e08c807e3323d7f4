// The view of a log: a list with as many rows as are in sight.

import { copy, element, partsOf, saveAs, setAttribute, uniqueId } from "./dom.js";
import { bytes, clock, hex, milliseconds, plural, visible } from "./format.js";
import { inspect } from "./inspector.js";
import { stringify } from "./json.js";
import { ARROWS, asJson, asLine, describe } from "./transcript.js";

/** Number of rows beyond the edges of the list. */
const MARGIN = 6;

/** Size of messages whose payload is written for the preview, which is done for each frame. */
const MAX_REWRITTEN = 4 * 1024;

const PREVIEW = 300;

/** Milliseconds between what screen readers are told, so that they can follow. */
const ANNOUNCEMENT_INTERVAL = 1_000;

/** The conversation of an endpoint. `reuse` is called with a message that is to be sent again. */
export class Conversation {
  #log;
  #name;
  #parts;
  #reuse;
  #shown = [];
  #rows = [];
  #selected = null;
  #follows = true;
  /** Number of the last entry that is shown: that at which the list was paused. */
  #limit = Infinity;
  #isScheduled = false;
  #announced = { count: 0, timer: null };

  constructor(root, name, log, reuse) {
    this.#log = log;
    this.#name = name;
    this.#reuse = reuse;
    this.#parts = partsOf(root);
    const { list, filter, direction, liveness, pause, clear, copyAll, save, latest } = this.#parts;
    log.addEventListener("entry", ({ detail }) => this.#add(detail));
    log.addEventListener("drop", () => this.#filter());
    log.addEventListener("clear", () => this.#restart());
    for (const control of [filter, direction, liveness])
      control.addEventListener("input", () => this.#filter());
    pause.addEventListener("click", () => this.togglePause());
    clear.addEventListener("click", () => log.clear());
    copyAll.addEventListener("click", () => this.#copy(this.#shown.map(asLine).join("\n"), copyAll));
    save.addEventListener("click", () => this.#save());
    latest.addEventListener("click", () => this.#followLatest());
    list.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    list.addEventListener("keydown", (event) => this.#moveByKey(event));
    list.addEventListener("click", (event) => this.#selectRow(event.target.closest("[role=option]")));
    new ResizeObserver(() => this.#schedule()).observe(list);
    this.#filter();
  }

  /** Stops the list, or lets it go on. Messages are recorded all the same. */
  togglePause() {
    this.#limit = this.#isPaused ? Infinity : (this.#log.entries.at(-1)?.number ?? 0);
    this.#parts.pause.setAttribute("aria-pressed", this.#isPaused);
    this.#filter();
  }

  get #isPaused() {
    return this.#limit < Infinity;
  }

  focusList() {
    this.#parts.list.focus();
  }

  focusFilter() {
    this.#parts.filter.focus();
  }

  #add(entry) {
    this.#announce(entry);
    if (this.#isWanted(entry)) this.#shown.push(entry);
    this.#schedule();
  }

  #restart() {
    this.#follows = true;
    this.#filter();
  }

  #filter() {
    const before = this.#shown[Math.round(this.#parts.list.scrollTop / this.#rowHeight())];
    this.#shown = this.#log.entries.filter((entry) => this.#isWanted(entry));
    if (!this.#shown.includes(this.#selected)) this.#select(null);
    if (!this.#follows && before) {
      this.#scrollTo(this.#shown.findIndex(({ number }) => number >= before.number));
    }
    this.#schedule();
  }

  #isWanted({ number, direction, kind, id, text, isLiveness }) {
    const { filter, direction: wanted, liveness } = this.#parts;
    if (number > this.#limit) return false;
    if (isLiveness && !liveness.checked) return false;
    if (wanted.value !== "" && direction !== wanted.value) return false;
    const sought = filter.value.trim().toLowerCase();
    return sought === "" || `${kind} ${id ?? ""} ${text}`.toLowerCase().includes(sought);
  }

  /** Renders before the next frame: once, however many messages come until then. */
  #schedule() {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    requestAnimationFrame(() => {
      this.#isScheduled = false;
      this.#render();
    });
  }

  #render() {
    const { list, canvas } = this.#parts;
    const height = this.#rowHeight();
    canvas.style.height = `${this.#shown.length * height}px`;
    if (this.#follows && !this.#isPaused) list.scrollTop = list.scrollHeight;
    const first = Math.max(0, Math.floor(list.scrollTop / height) - MARGIN);
    const end = Math.min(
      this.#shown.length,
      Math.ceil((list.scrollTop + list.clientHeight) / height) + MARGIN,
    );
    this.#resizePool(end - first);
    this.#rows.forEach((row, at) => this.#renderRow(row, first + at, height));
    const active = this.#rows[this.#shown.indexOf(this.#selected) - first];
    setAttribute(list, "aria-activedescendant", active?.id);
    this.#renderCounts();
  }

  #resizePool(count) {
    while (this.#rows.length > count) this.#rows.pop().remove();
    while (this.#rows.length < count) {
      const row = element("div", { role: "option", id: uniqueId() });
      this.#rows.push(row);
      this.#parts.canvas.append(row);
    }
  }

  #renderRow(row, index, height) {
    const entry = this.#shown[index];
    row.className = `row ${entry.direction} ${entry.tone}`;
    row.style.transform = `translateY(${index * height}px)`;
    row.dataset.index = index;
    setAttribute(row, "aria-selected", String(entry === this.#selected));
    row.setAttribute("aria-posinset", index + 1);
    row.setAttribute("aria-setsize", this.#shown.length);
    row.setAttribute("aria-label", describe(entry));
    row.replaceChildren(...cells(entry));
  }

  #renderCounts() {
    const { counts, livenessCount, empty, latest, pause } = this.#parts;
    const { entries } = this.#log;
    const messages = entries.filter(isMessage);
    const probes = messages.filter(({ isLiveness }) => isLiveness).length;
    const shown = this.#shown.filter(isMessage).length;
    const missed = entries.filter(({ number }) => number > this.#limit).length;
    const isWhole = shown === messages.length - probes;
    counts.textContent = isWhole
      ? plural(shown, "message")
      : `${shown} of ${plural(messages.length, "message")}`;
    livenessCount.textContent = probes;
    empty.hidden = this.#shown.length > 0;
    empty.textContent =
      entries.length > 0 ? "Nothing fits the filter." : "Nothing yet. Connect, and send a message.";
    latest.hidden = this.#isPaused || this.#follows || this.#isAtEnd();
    pause.textContent = this.#isPaused ? `Go on${missed > 0 ? ` (${missed} new)` : ""}` : "Pause";
  }

  #rowHeight() {
    return parseFloat(getComputedStyle(this.#parts.list).getPropertyValue("--row")) || 28;
  }

  #scrolled() {
    this.#follows = this.#isAtEnd();
    this.#schedule();
  }

  #isAtEnd() {
    const { list } = this.#parts;
    return list.scrollTop + list.clientHeight >= list.scrollHeight - this.#rowHeight();
  }

  #followLatest() {
    this.#follows = true;
    this.#schedule();
    this.focusList();
  }

  /** Scrolls as little as is needed to bring a row into sight. */
  #scrollTo(index) {
    const { list, canvas } = this.#parts;
    const height = this.#rowHeight();
    canvas.style.height = `${this.#shown.length * height}px`;
    list.scrollTop = Math.min(
      Math.max(list.scrollTop, (index + 1) * height - list.clientHeight),
      index * height,
    );
  }

  #moveByKey(event) {
    const page = Math.max(1, Math.floor(this.#parts.list.clientHeight / this.#rowHeight()) - 1);
    const steps = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: page,
      PageUp: -page,
      Home: -Infinity,
      End: Infinity,
    };
    if (event.key === "Escape") return this.#select(null);
    const step = steps[event.key];
    const isOther = event.ctrlKey || event.metaKey || event.altKey;
    if (step === undefined || isOther || this.#shown.length === 0) return;
    event.preventDefault();
    const last = this.#shown.length - 1;
    const current = this.#shown.indexOf(this.#selected);
    const from = current >= 0 ? current : step > 0 ? -1 : last + 1;
    this.#selectIndex(Math.min(last, Math.max(0, from + step)));
  }

  #selectRow(row) {
    if (row) this.#selectIndex(Number(row.dataset.index));
  }

  #selectIndex(index) {
    this.#select(this.#shown[index]);
    this.#scrollTo(index);
    this.#follows = index === this.#shown.length - 1;
  }

  /** Goes to a message, also if the filter hides it. */
  #goTo(entry) {
    const { filter, direction } = this.#parts;
    if (!this.#shown.includes(entry)) {
      filter.value = direction.value = "";
      this.#filter();
    }
    const index = this.#shown.indexOf(entry);
    if (index >= 0) this.#selectIndex(index);
    this.focusList();
  }

  #select(entry) {
    this.#selected = entry;
    inspect(entry, this.#parts, {
      goTo: (other) => this.#goTo(other),
      reuse: this.#reuse,
      copyText: (text, pressed) => this.#copy(text, pressed),
      close: () => {
        this.#select(null);
        this.focusList();
      },
    });
    this.#schedule();
  }

  async #copy(text, pressed) {
    const label = pressed.textContent;
    await copy(text);
    pressed.textContent = "Copied";
    pressed.addEventListener("blur", () => (pressed.textContent = label), { once: true });
    this.#say("Copied");
  }

  #save() {
    const name = `${this.#name}-${new Date().toISOString().replace(/[:.]/g, "-")}.jsonl`;
    saveAs(name, "application/jsonl", this.#shown.map((entry) => `${asJson(entry)}\n`).join(""));
  }

  /** Tells screen readers of new messages. */
  #announce(entry) {
    if (entry.isLiveness) return;
    this.#announced.count += 1;
    this.#announced.entry = entry;
    this.#announced.timer ??= setTimeout(() => {
      const { count, entry: last } = this.#announced;
      this.#announced = { count: 0, timer: null };
      this.#say(count === 1 ? describe(last) : `${count} messages, the last one: ${describe(last)}`);
    }, ANNOUNCEMENT_INTERVAL);
  }

  #say(text) {
    this.#parts.announcements.textContent = text;
  }
}

/** Makes the cells of a row. */
function cells(entry) {
  const { direction, kind, id, elapsed, tone, problems } = entry;
  const cell = (name, ...content) => element("span", { class: name }, ...content);
  const time = cell("time", clock(entry.time));
  const arrow = cell("arrow", ARROWS[direction]);
  const preview = cell("preview", previewOf(entry));
  if (direction === "note") return [time, arrow, preview];
  return [
    time,
    arrow,
    cell("kind", tone === "bad" && problems.length > 0 && "⚠ ", visible(kind)),
    preview,
    cell("id", id !== undefined && `#${id}`),
    cell("elapsed", elapsed !== undefined && milliseconds(elapsed)),
    cell("size", bytes(entry.size)),
  ];
}

/** Returns the start of a message, without what other cells have. */
function previewOf({ bytes: binary, text, size, payload }) {
  if (binary) return hex(binary.subarray(0, 64));
  const isShort = payload !== undefined && size < MAX_REWRITTEN;
  return (isShort ? stringify(payload) : text).slice(0, PREVIEW);
}

const isMessage = ({ direction }) => direction !== "note";
