// Controls of single values, and the frames around several of them.

import { button, element, inline, uniqueId } from "./dom.js";
import { visible } from "./format.js";
import { parse, stringify, toNumber } from "./json.js";
import { enumeration } from "./schema.js";

export function enumerationField({ schema, value, ...options }) {
  const values = enumeration(schema);
  const isText = values.every((it) => typeof it.value === "string");
  const select = element(
    "select",
    {},
    values.map((it) =>
      element("option", { title: it.docs }, isText ? visible(it.value) : stringify(it.value)),
    ),
  );
  select.selectedIndex = values.findIndex((it) => stringify(it.value) === stringify(value));
  return controlField({ ...options, type: "" }, select, () => values[select.selectedIndex].value);
}

export function booleanField({ value, ...options }) {
  const select = element("select", {}, element("option", {}, "false"), element("option", {}, "true"));
  select.selectedIndex = Number(value);
  return controlField(options, select, () => select.selectedIndex === 1);
}

export function stringField({ value, schema, ...options }) {
  // The value of an input has no line breaks.
  const input = value.includes("\n")
    ? element("textarea", { rows: 3 })
    : element("input", { autocomplete: "off" });
  input.value = value;
  return controlField({ ...options, type: schema.format ?? "string" }, input, () => input.value);
}

export function numberField({ value, ...options }) {
  const input = element("input", { inputmode: "decimal", autocomplete: "off", class: "number" });
  input.value = String(value);
  return controlField(options, input, () => {
    const text = input.value.trim();
    if (text === "") return undefined;
    // What is no number stays what was typed, and is a problem by the schema.
    return /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text) ? (toNumber(text) ?? text) : text;
  });
}

export function anyField({ value, ...options }) {
  const area = element("textarea", { rows: 2, spellcheck: "false", class: "code" });
  area.value = stringify(value, "  ");
  return controlField({ ...options, type: `${options.type}, as JSON` }, area, (path, { problems }) => {
    try {
      return parse(area.value);
    } catch (error) {
      problems.push({ path, message: `this is not JSON: ${error.message}` });
      return undefined;
    }
  });
}

export const nullField = (options) => controlField(options, element("output", {}, "null"), () => null);

/** Makes a field with one control. */
function controlField({ docs, ...options }, control, readValue) {
  const id = uniqueId();
  const problem = element("p", { class: "problem", id: `${id}-problem` });
  const hint = docs && element("p", { class: "hint", id: `${id}-hint` }, inline(docs));
  control.id = id;
  if (options.name === undefined) control.setAttribute("aria-label", visible(options.label ?? "value"));
  control.setAttribute("aria-describedby", `${id}-problem${docs ? ` ${id}-hint` : ""}`);
  const { label, remove, rename } = makeTitle("label", { for: id }, options);
  return {
    element: element(
      "div",
      { class: "field" },
      element("div", { class: "title" }, label, remove),
      control,
      hint,
      problem,
    ),
    read(path, reading) {
      reading.controls.set(path, { control, problem });
      return readValue(path, reading);
    },
    rename,
  };
}

/** Makes the frame of a field that has fields of its own. The outermost one has no name. */
export function group({ docs, ...options }, ...content) {
  const { label, remove, rename } = makeTitle("span", {}, options);
  const isNamed = options.name !== undefined;
  const frame = element(
    "fieldset",
    { class: isNamed ? "group" : "group bare" },
    isNamed && element("legend", {}, label, remove),
    docs && element("p", { class: "hint" }, inline(docs)),
    ...content,
  );
  return { element: frame, rename };
}

/** Makes the name of a field, and the button that removes it. */
function makeTitle(tag, attributes, { name, type, remove }) {
  const text = element("span", { class: "name" });
  const cross = remove ? removeButton(remove) : null;
  const rename = (changed) => {
    text.textContent = visible(changed);
    cross?.setAttribute("aria-label", `Remove ${visible(changed)}`);
  };
  if (name !== undefined) rename(name);
  const typeTag = type && element("small", { class: "type", title: type }, type);
  return { label: element(tag, attributes, text, " ", typeTag), remove: cross, rename };
}

export const removeButton = (remove) => button("×", remove, { class: "remove", "aria-label": "Remove" });

/** Tells the form around an element that the form has changed. */
export const announceChange = (changed) => changed.dispatchEvent(new Event("input", { bubbles: true }));

/** Puts the focus on the first control of a field, or on the first button if it has none. */
export function focusFirst({ element: root }) {
  const control =
    root?.querySelector("input, select, textarea") ?? root?.querySelector("button:not(.remove)");
  control?.focus();
}
