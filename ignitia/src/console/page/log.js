// The log of an endpoint's connections: what went over them, and what it means by the contract.

import { parse } from "./json.js";
import { problemsOf } from "./schema.js";

const MAX_ENTRIES = 20_000;
const MAX_SIZE = 64 * 1024 * 1024;

/** Number of positions that a server reads. */
const MAX_POSITIONS = 16;

/** Fields that any message may have beside those of its schema. */
const POSITION = "$at";

const encoder = new TextEncoder();

/** The messages of an endpoint, the oldest first, and what happened to its connections. */
export class Log extends EventTarget {
  #endpoint;
  #count = 0;
  #size = 0;
  #requests = new Map();
  #positions = new Map();

  constructor(endpoint) {
    super();
    this.#endpoint = endpoint;
    this.entries = [];
  }

  /** Adds what happened to the connection. */
  addNote(text, tone = "") {
    return this.#add({ direction: "note", kind: "", text, size: 0, tone });
  }

  /** Adds a message that was sent. */
  addSent(data) {
    const entry = this.#add({ direction: "sent", ...this.#read(data) });
    if (entry.id !== undefined && !entry.isLiveness) this.#requests.set(entry.id, entry);
    return entry;
  }

  /** Adds a message that was received. */
  addReceived(data) {
    const moment = performance.now();
    const read = this.#read(data);
    const request = read.isLiveness ? undefined : this.#requests.get(read.id);
    const problems = this.#problemsOf(read);
    this.#remember(read.value?.[POSITION]);
    const entry = this.#add({
      ...read,
      direction: "received",
      moment,
      request,
      problems,
      elapsed: request && moment - request.moment,
      tone: problems.length > 0 || read.kind === "$error" ? "bad" : "",
    });
    request?.replies.push(entry);
    return entry;
  }

  /** Forgets the requests that have no reply: those of a connection that has ended. */
  endRequests() {
    this.#requests.clear();
  }

  clear() {
    this.entries = [];
    this.#size = 0;
    this.#requests.clear();
    this.dispatchEvent(new Event("clear"));
  }

  /** The last position of each epoch that was seen, the most recent one at the end. */
  get positions() {
    return [...this.#positions].map(([epoch, offset]) => `${epoch}.${offset}`);
  }

  forgetPositions() {
    this.#positions.clear();
  }

  #add(entry) {
    this.#count += 1;
    const whole = {
      number: this.#count,
      time: Date.now(),
      moment: performance.now(),
      replies: [],
      problems: [],
      ...entry,
    };
    if (this.entries.length >= MAX_ENTRIES || this.#size > MAX_SIZE) this.#dropOldest();
    this.entries.push(whole);
    this.#size += whole.size;
    this.dispatchEvent(new CustomEvent("entry", { detail: whole }));
    return whole;
  }

  /** Drops a tenth, so that it is not done again for each entry. */
  #dropOldest() {
    const dropped = this.entries.splice(0, Math.ceil(this.entries.length / 10));
    for (const { size, id } of dropped) {
      this.#size -= size;
      this.#requests.delete(id);
    }
    this.dispatchEvent(new CustomEvent("drop", { detail: dropped.length }));
  }

  #read(data) {
    if (typeof data !== "string") {
      const bytes = new Uint8Array(data);
      return { kind: "binary", bytes, text: "", size: bytes.length };
    }
    const read = { kind: "text", text: data, size: encoder.encode(data).length };
    const { incoming, outgoing, id } = this.#endpoint;
    if (!incoming && !outgoing) return read;
    try {
      read.value = parse(data);
    } catch (error) {
      return { ...read, mistake: error.message };
    }
    return { ...read, ...partsOfMessage(read.value, incoming ?? outgoing, id) };
  }

  #problemsOf({ kind, value, bytes, mistake, isOwn }) {
    const { incoming, id } = this.#endpoint;
    // Without a schema of any message, none can be malformed.
    if (!incoming?.messages.length || bytes || isOwn) return [];
    if (mistake) return [{ path: "", message: `this is not JSON: ${mistake}` }];
    const message = incoming.messages.find(({ name }) => name === kind);
    if (!message) return [{ path: "", message: "the contract has no such message" }];
    const { additionalProperties, properties = {} } = message.schema;
    const isExtra = ({ path }) =>
      additionalProperties === false && !properties[path] && (path === POSITION || path === id);
    return problemsOf(message.schema, value).filter((problem) => !isExtra(problem));
  }

  /** Remembers a position, which is `<epoch>.<offset>`. */
  #remember(position) {
    const [, epoch, offset] = /^([^.]+)\.(\d+)$/.exec(position) ?? [];
    if (epoch === undefined) return;
    this.#positions.delete(epoch);
    this.#positions.set(epoch, offset);
    if (this.#positions.size > MAX_POSITIONS) this.#positions.delete(this.#positions.keys().next().value);
  }
}

/** Returns the parts of a message, and how it stands to the library's own ones. */
export function partsOfMessage(value, representation, idName) {
  if (typeof value === "string") return { kind: value };
  if (value === null || typeof value !== "object" || Array.isArray(value)) return { kind: "?" };
  // The library's own messages have a `type`, whatever the representation of the others is.
  const isOwn = typeof value.type === "string" && value.type.startsWith("$");
  const { tag, content } = isOwn ? { tag: "type" } : representation;
  const kind = tag === undefined ? Object.keys(value).find((name) => name !== POSITION) : value[tag];
  if (typeof kind !== "string") return { kind: "?" };
  const { [tag]: ofTag, [idName]: id, [POSITION]: ofRoom, ...fields } = value;
  const payload = tag === undefined ? value[kind] : content === undefined ? fields : value[content];
  return { kind, id, payload, isOwn, isLiveness: kind === "$ping" || kind === "$pong" };
}
