// The composer: chooses a kind of message, writes it, sends it, and saves it under a name.

import { button, element, firstSentence, partsOf, prose, uniqueId } from "./dom.js";
import { BINARY, Draft, lineAndColumn, readJson, TEXT } from "./draft.js";
import { showProblems } from "./form.js";
import { visible } from "./format.js";
import { parseWithPlaces } from "./json.js";
import { partsOfMessage } from "./log.js";

/** The composer of an endpoint. `send` is called with a text or bytes. */
export class Composer {
  #endpoint;
  #snippets;
  #send;
  #parts;
  #kinds;
  #kind;
  #lastId = 0;
  #isOpen = false;

  constructor(root, endpoint, snippets, send) {
    this.#endpoint = endpoint;
    this.#snippets = snippets;
    this.#send = send;
    this.#parts = partsOf(root);
    this.#kinds = kindsOf(endpoint).map((kind) => ({ ...kind, draft: new Draft(kind, endpoint.id) }));
    this.#makeChips();
    this.#listen();
    this.#choose(this.#kinds[0]);
    this.#showSnippets();
  }

  /** True while messages can be sent. */
  set isOpen(isOpen) {
    this.#isOpen = isOpen;
    this.#check();
  }

  focus() {
    this.#kind.chip.focus();
  }

  /** Sends the message that is shown. */
  submit() {
    const { data, value } = this.#kind.draft.read();
    if (!this.#isOpen || data === undefined) return;
    if (this.#givesIdTo(value)) {
      this.#lastId += 1;
      this.#send(this.#withId(data));
    } else {
      this.#send(data);
    }
    this.#check();
  }

  /** Shows a text that was sent or saved, to be edited. */
  edit({ kind: name, text }) {
    const kind = this.#kinds.find((it) => it.name === name) ?? this.#kinds[0];
    kind.draft.useText(text);
    this.#choose(kind);
    this.#parts.text.focus();
  }

  get #draft() {
    return this.#kind.draft;
  }

  #listen() {
    const { modes, text, fields, message, keep, snippetForm, snippetName } = this.#parts;
    modes.addEventListener("change", ({ target }) => this.#switchTo(target.value));
    text.addEventListener("input", () => {
      this.#draft.text = text.value;
      this.#check();
    });
    fields.addEventListener("input", () => this.#check());
    message.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    keep.addEventListener("click", () => {
      snippetForm.hidden = !snippetForm.hidden;
      snippetName.focus();
    });
    snippetForm.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#saveSnippet(snippetName.value.trim());
    });
  }

  #makeChips() {
    const name = uniqueId();
    for (const kind of this.#kinds) {
      const change = () => this.#choose(kind);
      kind.chip = element("input", { type: "radio", name, class: "visually-hidden", on: { change } });
      const label = element("span", {}, visible(kind.name));
      this.#parts.kinds.append(
        element("label", { class: "chip", title: firstSentence(kind.docs) }, kind.chip, label),
      );
    }
  }

  #choose(kind) {
    this.#kind = kind;
    kind.chip.checked = true;
    this.#parts.docs.replaceChildren(...docsOf(kind));
    this.#showDraft();
  }

  #showDraft() {
    const { fields, editor, text, modes } = this.#parts;
    const { field, mode } = this.#draft;
    modes.hidden = Boolean(this.#kind.read);
    for (const radio of modes.querySelectorAll("input")) radio.checked = radio.value === mode;
    fields.hidden = mode !== "form";
    editor.hidden = mode !== "text";
    text.value = this.#draft.text;
    const isEmpty = !field?.element?.querySelector("input, select, textarea, button:not([hidden])");
    fields.replaceChildren(
      isEmpty ? element("p", { class: "hint" }, "This message has no fields.") : field.element,
    );
    this.#check();
  }

  /** Switches between form and text. Says what to mend if what was typed would be lost. */
  #switchTo(mode) {
    const problem = mode === "text" ? this.#formToText() : this.#textToForm();
    this.#showDraft();
    if (!problem) return;
    this.#listProblems([{ ...problem, message: `Before the switch, mend this: ${problem.message}` }]);
    problem.control?.focus();
  }

  #formToText() {
    const { text, problem } = this.#draft.formAsText();
    if (!problem) this.#draft.useText(text);
    return problem;
  }

  #textToForm() {
    const { value, problems } = readJson(this.#draft.text, true);
    if (value === undefined) return problems[0];
    const { kind: name } = partsOfMessage(value, this.#endpoint.outgoing, null);
    const kind = this.#kinds.find((it) => it.name === name && it.schema);
    if (!kind) return { path: "", message: `this endpoint takes no message “${name}”` };
    kind.draft.useForm(value);
    this.#choose(kind);
  }

  /** Returns true if a message gets the next correlation id. */
  #givesIdTo(value) {
    const { id, outgoing } = this.#endpoint;
    return id !== null && Object.hasOwn(Object(value), outgoing?.tag) && !Object.hasOwn(value, id);
  }

  /** Puts the id behind the tag of a text, which else stays as it was typed. */
  #withId(text) {
    const { id, outgoing } = this.#endpoint;
    const [, end] = parseWithPlaces(text).places.get(outgoing.tag);
    return `${text.slice(0, end)},${JSON.stringify(id)}:${this.#lastId}${text.slice(end)}`;
  }

  /** Shows the problems of the message, and what sending does. */
  #check() {
    const { send, note, text } = this.#parts;
    const { data, value, problems, controls = new Map() } = this.#draft.read();
    this.#listProblems(showProblems(controls, problems));
    text.setAttribute("aria-invalid", problems.length > 0);
    const canSend = data !== undefined;
    send.disabled = !this.#isOpen || !canSend;
    send.firstChild.textContent = problems.length > 0 && canSend ? "Send anyway " : "Send ";
    const id = this.#givesIdTo(value) ? `${this.#endpoint.id}: ${this.#lastId + 1}` : "";
    note.textContent = this.#isOpen ? id : "Not connected";
  }

  #listProblems(problems) {
    const { problemList, text } = this.#parts;
    const item = ({ path, place, message }) => {
      if (!place) return element("li", {}, path && [element("code", {}, path), " "], message);
      const [line, column] = lineAndColumn(text.value, place[0]);
      const select = () => {
        text.focus();
        text.setSelectionRange(...place);
      };
      return element(
        "li",
        {},
        button(`${line}:${column}`, select, { class: "link" }),
        " ",
        path && [element("code", {}, path), " "],
        message,
      );
    };
    problemList.replaceChildren(...problems.slice(0, 10).map(item));
  }

  #showSnippets() {
    const { snippets, snippetHint } = this.#parts;
    const own = this.#snippets.of(this.#endpoint.name);
    const remove = (snippet) => {
      this.#snippets.remove(snippet);
      this.#showSnippets();
      this.#parts.keep.focus();
    };
    const chip = (snippet) =>
      element(
        "li",
        { class: "snippet" },
        button(snippet.name, () => this.edit(snippet), { title: snippet.text }),
        button("×", () => remove(snippet), {
          "aria-label": `Delete the snippet ${snippet.name}`,
          class: "remove",
        }),
      );
    snippets.replaceChildren(...own.map(chip));
    snippets.hidden = own.length === 0;
    snippetHint.hidden = this.#snippets.isStored;
  }

  #saveSnippet(name) {
    const { snippetForm, snippetName, keep } = this.#parts;
    const { text, problem } = this.#draft.mode === "form" ? this.#draft.formAsText() : this.#draft;
    if (problem) return this.#listProblems([problem]);
    this.#snippets.save({
      name: name || visible(this.#kind.name),
      endpoint: this.#endpoint.name,
      kind: this.#kind.name,
      text,
    });
    snippetForm.hidden = true;
    snippetName.value = "";
    this.#showSnippets();
    keep.focus();
  }
}

/** Returns the kinds of messages that an endpoint takes. */
function kindsOf({ outgoing, takesBinary }) {
  const typed = outgoing?.messages ?? [];
  if (typed.length === 0) return [TEXT, BINARY];
  return takesBinary ? [...typed, BINARY] : typed;
}

function docsOf({ docs, handlerDocs = "", replies = [], errorCodes = [], mayClose, mayAnswerUntyped }) {
  const codes = (names) => names.flatMap((name, at) => [at > 0 && ", ", element("code", {}, visible(name))]);
  return [
    ...prose(docs),
    ...prose(handlerDocs),
    replies.length > 0 && element("p", { class: "hint" }, "Answered by ", codes(replies)),
    errorCodes.length > 0 && element("p", { class: "hint" }, "Errors: ", codes(errorCodes)),
    mayAnswerUntyped &&
      element("p", { class: "hint" }, "May answer with messages that the contract does not know."),
    mayClose && element("p", { class: "hint" }, "May close the connection."),
  ].filter(Boolean);
}
