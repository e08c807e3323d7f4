// A message that is being written: as a form, or as a text.

import { createField, readField } from "./form.js";
import { JsonError, parseWithPlaces, stringify } from "./json.js";
import { merged, problemsOf } from "./schema.js";

const INDENTATION = "  ";

/** Kinds without a schema. Their names are none that a variant can have. */
export const TEXT = {
  name: "(text)",
  docs: "A text as it is.",
  read: (text) => ({ data: text, problems: [] }),
};
export const BINARY = { name: "(binary)", docs: "Bytes, in hexadecimal: `48 65 6c 6c 6f`.", read: readHex };

/**
 * A message of one kind. What was typed is never lost: each way of writing keeps its own state
 * until the other one has a value for it.
 */
export class Draft {
  #kind;
  #idName;
  field = null;
  text = "";
  mode = "text";

  constructor(kind, idName) {
    this.#kind = kind;
    this.#idName = idName;
    if (kind.schema) this.useForm();
  }

  /** Shows the form, with this value or with the first one that fits. */
  useForm(value) {
    this.field = createField(withoutField(this.#kind.schema, this.#idName), { value, docs: "" });
    this.mode = "form";
  }

  useText(text) {
    this.text = text;
    this.mode = "text";
  }

  /** Returns the text of what the form has, or the problem that keeps it from being one. */
  formAsText() {
    const { value, problems, controls } = readField(this.field);
    const [problem] = problems;
    if (!problem) return { text: stringify(value, INDENTATION) };
    return { problem: { ...problem, control: controls.get(problem.path)?.control } };
  }

  /**
   * Returns what would be sent as `data`, with its `value` if it is JSON, and with its problems.
   * Those of a form have a control, in `controls`; those of a text have a `place`.
   */
  read() {
    if (this.#kind.read) return this.#kind.read(this.text);
    if (this.mode === "text") return { data: this.text, ...readJson(this.text, this.#kind.schema) };
    const { value, problems, controls } = readField(this.field);
    const all = [...problems, ...problemsOf(this.#kind.schema, value)];
    return { data: value === undefined ? undefined : stringify(value), value, problems: all, controls };
  }
}

/** Reads a JSON text. One with a mistake has no value, and can be sent: servers have to stand that. */
export function readJson(text, schema) {
  try {
    const { value, places } = parseWithPlaces(text);
    const withPlace = (problem) => ({
      ...problem,
      place: places.get(problem.path) ?? places.get(problem.parent),
    });
    return { value, problems: problemsOf(schema, value).map(withPlace) };
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return { problems: [{ path: "", message: error.message, place: [error.offset, error.offset + 1] }] };
  }
}

function readHex(text) {
  const digits = text.replace(/\s/g, "");
  const wrong = /[^\da-f\s]/i.exec(text);
  if (wrong) {
    const place = [wrong.index, wrong.index + 1];
    return { problems: [{ path: "", message: `“${wrong[0]}” is no hexadecimal digit`, place }] };
  }
  if (digits.length % 2 === 1) {
    return { problems: [{ path: "", message: "a byte has two digits: one is missing" }] };
  }
  return { data: Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16)), problems: [] };
}

/** Returns a schema without a field, such as that for ids, which are chosen when it is sent. */
function withoutField(schema, name) {
  const { [name]: left, ...properties } = merged(schema).properties ?? {};
  return left ? { ...merged(schema), properties } : schema;
}

/** Returns the line and the column of an offset, both from one. */
export function lineAndColumn(text, offset) {
  const lines = text.slice(0, offset).split("\n");
  return [lines.length, lines.at(-1).length + 1];
}
