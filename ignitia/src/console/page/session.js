// An endpoint's page: how to connect, what to send, and the conversation. It keeps all of it while
// another endpoint is shown.

import { fillPath, readQuery, webSocketUrl, writeQuery } from "./address.js";
import { meaningOf } from "./close_codes.js";
import { Composer } from "./composer.js";
import { Connection } from "./connection.js";
import { Conversation } from "./conversation.js";
import { element, inline, partsOf, prose } from "./dom.js";
import { BINARY } from "./draft.js";
import { createField, readField, showProblems } from "./form.js";
import { bytes, visible } from "./format.js";
import { Log } from "./log.js";
import { explainRefusal } from "./refusal.js";
import { merged, problemsOf, typeName } from "./schema.js";
import { contentOf } from "./transcript.js";

const STATES = { closed: "Not connected", connecting: "Connecting", open: "Open", closing: "Closing" };

/** The page of an endpoint, and its connection. `onState` is called with each new state. */
export class Session {
  #endpoint;
  #log;
  #parts;
  #onState;
  #connection = null;
  /** Path of the last connection: its room is the one that the positions are of. */
  #path = "";
  #pathFields = new Map();
  #queryField = null;
  #composer;
  #conversation;

  constructor(template, endpoint, snippets, onState) {
    this.element = template.content.firstElementChild.cloneNode(true);
    this.#endpoint = endpoint;
    this.#onState = onState;
    this.#parts = partsOf(this.element);
    this.#log = new Log(endpoint);
    this.#composer = new Composer(this.element, endpoint, snippets, (data) => this.#connection.send(data));
    const edit = (entry) =>
      this.#composer.edit({ kind: entry.bytes ? BINARY.name : entry.kind, text: contentOf(entry) });
    this.#conversation = new Conversation(this.element, endpoint.name, this.#log, edit);
    this.#describe();
    this.#makeFields();
    this.#listen();
    this.#showState();
  }

  get state() {
    return this.#connection?.state ?? "closed";
  }

  get conversation() {
    return this.#conversation;
  }

  get composer() {
    return this.#composer;
  }

  get log() {
    return this.#log;
  }

  /** Connects; or disconnects, with the code that was chosen; or no longer waits for the end. */
  toggleConnection() {
    const { code, reason } = this.#parts;
    if (this.state === "closed") this.#connect();
    else if (this.state === "closing") this.#connection.abandon();
    else this.disconnect(Number(code.value), reason.value);
  }

  /** Closes the connection, if there is one. */
  disconnect(code = 1000, reason = "") {
    if (this.state !== "open" && this.state !== "connecting") return;
    try {
      this.#connection.close(code, reason);
      this.#showMistake("");
    } catch {
      this.#showMistake("A page may close with 1000, or 3000 to 4999, and a reason of at most 123 bytes.");
    }
  }

  #describe() {
    const { name, address, about, facts, incoming } = this.#parts;
    const { id, resumes, maxMessageSize, idleTimeout } = this.#endpoint;
    name.textContent = this.#endpoint.name;
    address.textContent = this.#endpoint.address;
    about.replaceChildren(...prose(this.#endpoint.docs));
    const list = [
      id !== null && `ids in “${id}”`,
      resumes && "resumes",
      maxMessageSize && `messages up to ${bytes(maxMessageSize)}`,
      idleTimeout && `idle for at most ${idleTimeout} s`,
    ];
    facts.replaceChildren(...list.filter(Boolean).map((fact) => element("li", {}, fact)));
    const messages = this.#endpoint.incoming?.messages ?? [];
    incoming.parentElement.hidden = messages.length === 0;
    incoming.replaceChildren(...messages.map(describeMessage));
  }

  #makeFields() {
    const { pathFields, queryModes, queryFields, query, subprotocols } = this.#parts;
    for (const { name, schema, docs } of this.#endpoint.parameters) {
      const field = createField(schema, { name, docs });
      this.#pathFields.set(name, field);
      pathFields.append(field.element);
    }
    subprotocols.value = this.#endpoint.subprotocols.join(", ");
    queryModes.hidden = !this.#endpoint.query;
    queryFields.hidden = !this.#endpoint.query;
    query.parentElement.hidden = Boolean(this.#endpoint.query);
    if (this.#endpoint.query) this.#showQueryForm();
  }

  #showQueryForm(value) {
    this.#queryField = createField(this.#endpoint.query, { value });
    this.#parts.queryFields.replaceChildren(this.#queryField.element);
  }

  #listen() {
    const { connect, queryModes, code, meaning } = this.#parts;
    connect.addEventListener("submit", (event) => {
      event.preventDefault();
      this.toggleConnection();
    });
    connect.addEventListener("input", () => this.#showUrl());
    const showMeaning = () => (meaning.textContent = meaningOf(Number(code.value)));
    code.addEventListener("input", showMeaning);
    showMeaning();
    queryModes.addEventListener("change", ({ target }) => this.#switchQuery(target.value));
  }

  #switchQuery(mode) {
    const { queryFields, query } = this.#parts;
    if (mode === "text") query.value = this.#readQuery();
    else this.#showQueryForm(readQuery(query.value, this.#endpoint.query));
    queryFields.hidden = mode === "text";
    query.parentElement.hidden = mode === "form";
    this.#showUrl();
  }

  /** Returns the query that is entered, and shows its problems. */
  #readQuery() {
    const { queryFields, query } = this.#parts;
    if (queryFields.hidden) return query.value.replace(/^\?/, "");
    const { value, problems, controls } = readField(this.#queryField);
    showProblems(controls, [...problems, ...problemsOf(this.#endpoint.query, value)]);
    return writeQuery(value);
  }

  #readPath() {
    const values = this.#endpoint.parameters.map(({ name, schema }) => {
      const { value, problems, controls } = readField(this.#pathFields.get(name));
      showProblems(controls, [...problems, ...problemsOf(schema, value)]);
      return [name, value];
    });
    return Object.fromEntries(values);
  }

  /** Returns where to connect to. Throws an error for a path parameter that no path can have. */
  #target() {
    const query = this.#readQuery();
    const values = this.#readPath();
    const path = fillPath(this.#endpoint, values);
    const canResume = this.#parts.resume.checked && path === this.#path;
    const url = webSocketUrl(path, query, canResume ? this.#log.positions : []);
    return { path, values, query, url };
  }

  #showUrl() {
    const { url } = this.#parts;
    try {
      url.textContent = this.#target().url;
    } catch {
      url.textContent = this.#endpoint.address;
    }
  }

  #connect() {
    const cookies = this.#parts.cookies.value;
    const subprotocols = this.#parts.subprotocols.value.split(/[\s,]+/).filter((name) => name !== "");
    let target;
    let connection;
    try {
      target = this.#target();
      if (target.path !== this.#path) this.#log.forgetPositions();
      this.#path = target.path;
      connection = new Connection(this.#endpoint, this.#log, { url: target.url, subprotocols, cookies });
    } catch (error) {
      return this.#showMistake(error.message);
    }
    this.#connection = connection;
    connection.addEventListener("state", () => {
      this.#showState();
      if (connection.wasRefused) this.#explainRefusal(connection, { ...target, subprotocols });
    });
    this.#showMistake("");
    this.#showState();
  }

  async #explainRefusal(connection, attempt) {
    const text = await explainRefusal(this.#endpoint, attempt);
    this.#log.addNote(text, "bad");
    if (this.#connection === connection) this.#showMistake(text);
  }

  #showMistake(text) {
    this.#parts.mistake.textContent = text;
  }

  #showState() {
    const { connect, settings, state, toggle, ending, resumeRow, positions } = this.#parts;
    const { state: now } = this;
    connect.dataset.state = now;
    state.textContent = STATES[now];
    // What is hidden loses the focus.
    if (now !== "closed" && settings.contains(document.activeElement)) toggle.focus();
    settings.hidden = now !== "closed";
    ending.hidden = now !== "open";
    toggle.firstChild.textContent = { closed: "Connect ", closing: "Do not wait " }[now] ?? "Disconnect ";
    toggle.classList.toggle("primary", now === "closed");
    resumeRow.hidden = !this.#endpoint.resumes || this.#log.positions.length === 0;
    positions.textContent = this.#log.positions.join(", ");
    this.#composer.isOpen = now === "open";
    if (now === "closed") this.#showUrl();
    if (now === "open" && connect.contains(document.activeElement)) this.#composer.focus();
    this.#onState(this.state);
  }
}

/** Describes a message of the server's. */
function describeMessage({ name, docs, schema }) {
  const { properties = {}, required = [] } = merged(schema);
  const fields = Object.entries(properties).filter(([, field]) => !("const" in merged(field)));
  const row = ([field, type]) => [
    element("dt", {}, `${visible(field)}${required.includes(field) ? "" : "?"}`),
    element("dd", {}, element("code", {}, typeName(type)), " ", ...inline(merged(type).description)),
  ];
  return element(
    "li",
    {},
    element("h3", {}, visible(name)),
    ...prose(docs),
    fields.length > 0 && element("dl", {}, fields.map(row)),
  );
}
