// Forms, made from schemas. A field knows its element, reads its value, and can be renamed.
//
// `read(path, reading)` returns the value, or undefined for a field that is left empty. It adds to
// `reading.controls` where each path is entered, and to `reading.problems` what is no value at all.

import {
  announceChange,
  anyField,
  booleanField,
  enumerationField,
  focusFirst,
  group,
  nullField,
  numberField,
  removeButton,
  stringField,
} from "./controls.js";
import { button, element } from "./dom.js";
import { visible } from "./format.js";
import { childPath, fromEntries, stringify } from "./json.js";
import {
  alternativeNames,
  alternatives,
  chooseAlternative,
  enumeration,
  firstValue,
  furtherFields,
  kindOf,
  merged,
  typeName,
} from "./schema.js";

/** Number of items or entries with fields of their own. Browsers stand some thousands of fields. */
const MAX_ITEMS = 200;

/**
 * Makes the field of a schema. `remove` is called by its button, if it is a field that can go. One
 * without a `name` of its own, as in a union, has the `label` for screen readers.
 */
export function createField(schema, { name, label, value = firstValue(schema) ?? null, docs, remove } = {}) {
  const kind = kindOf(schema);
  const make = fits(kind, schema, value) ? makers[kind] : makers.any;
  const whole = merged(schema);
  return make({
    schema: whole,
    name,
    label: label ?? name,
    value,
    docs: docs ?? whole.description,
    remove,
    type: typeName(schema),
  });
}

const makers = {
  const: ({ schema }) => ({ element: null, read: () => schema.const, rename() {} }),
  enumeration: enumerationField,
  union: unionField,
  boolean: booleanField,
  integer: numberField,
  number: numberField,
  string: stringField,
  null: nullField,
  list: listField,
  tuple: tupleField,
  object: objectField,
  any: anyField,
};

/** Returns true if the field of a kind can show a value. Any other is entered as JSON. */
function fits(kind, schema, value) {
  switch (kind) {
    case "const":
    case "any":
      return true;
    case "enumeration":
      return enumeration(schema).some((it) => stringify(it.value) === stringify(value));
    case "union":
      return chooseAlternative(alternatives(schema), value) >= 0;
    case "tuple":
      return Array.isArray(value) && value.length === merged(schema).items.length;
    case "list":
      return Array.isArray(value) && value.length <= MAX_ITEMS;
    case "object":
      return value !== null && typeof value === "object" && !Array.isArray(value) && hasRoom(schema, value);
    case "string":
      // Controls have no other line break than a line feed.
      return typeof value === "string" && !value.includes("\r");
    case "integer":
    case "number":
      return ["number", "bigint", "string"].includes(typeof value);
    case "null":
      return value === null;
    default:
      return typeof value === kind;
  }
}

/** Returns true if the entries of a map have room in a form. */
const hasRoom = ({ properties = {} }, value) =>
  Object.keys(value).filter((name) => !Object.hasOwn(properties, name)).length <= MAX_ITEMS;

function unionField({ schema, value, ...options }) {
  const list = alternatives(schema);
  const select = element(
    "select",
    { "aria-label": `Kind of ${visible(options.label ?? "value")}` },
    alternativeNames(list).map((name, at) => element("option", { title: list[at].description }, name)),
  );
  // What was entered for an alternative is there again when it is chosen again.
  const fields = [];
  const body = element("div", { class: "body" });
  const show = () => {
    const index = select.selectedIndex;
    const isNull = merged(list[index]).type === "null";
    fields[index] ??= isNull
      ? makers.const({ schema: { const: null } })
      : createField(list[index], fieldOptions(index));
    body.replaceChildren(...[fields[index].element].filter(Boolean));
  };
  const chosen = chooseAlternative(list, value);
  const fieldOptions = (index) => ({
    label: options.label ?? "value",
    docs: list[index].description ?? "",
    ...(index === chosen ? { value } : {}),
  });
  select.selectedIndex = chosen;
  // Before the form around it hears of it, and reads.
  select.addEventListener("input", show);
  show();
  const { element: frame, rename } = group({ ...options, type: "" }, select, body);
  return {
    element: frame,
    rename,
    read: (path, reading) => fields[select.selectedIndex].read(path, reading),
  };
}

function tupleField({ schema, value, ...options }) {
  const fields = schema.items.map((item, index) =>
    createField(item, { name: String(index), value: value[index] }),
  );
  const { element: frame, rename } = group(options, fields.map((field) => field.element).filter(Boolean));
  return { element: frame, rename, read: (path, reading) => readItems(fields, path, reading) };
}

const readItems = (fields, path, reading) =>
  fields.map((field, index) => field.read(childPath(path, index), reading));

function listField({ schema, value, ...options }) {
  let fields = [];
  const body = element("div", { class: "body" });
  const addItem = (item) => {
    const remove = () => {
      fields = fields.filter((other) => other !== field);
      field.element.remove();
      fields.forEach((other, index) => other.rename(String(index)));
      showAdd();
      add.focus();
      announceChange(add);
    };
    const field = createField(schema.items ?? {}, { name: String(fields.length), value: item, remove });
    fields.push(field);
    if (field.element) body.append(field.element);
    showAdd();
    return field;
  };
  const showAdd = () => (add.hidden = fields.length >= (schema.maxItems ?? Infinity));
  const add = button("Add item", () => {
    focusFirst(addItem());
    announceChange(add);
  });
  value.forEach(addItem);
  const { element: frame, rename } = group(options, body, add);
  return { element: frame, rename, read: (path, reading) => readItems(fields, path, reading) };
}

function objectField({ schema, value, ...options }) {
  const { properties = {}, required = [] } = schema;
  const names = Object.keys(properties);
  const fields = new Map();
  const body = element("div", { class: "body" });
  const absent = element("div", { class: "absent" });
  const addNamed = (name, member) => {
    const remove = required.includes(name) ? null : () => removeNamed(name);
    const field = createField(properties[name], { name, value: member, remove });
    fields.set(name, field);
    // The order is that of the schema, not that in which fields were added.
    const after = names.slice(names.indexOf(name) + 1).find((other) => fields.get(other)?.element);
    if (field.element) body.insertBefore(field.element, after ? fields.get(after).element : null);
    return field;
  };
  const removeNamed = (name) => {
    fields.get(name).element?.remove();
    fields.delete(name);
    showAbsent();
    absent.querySelector(`[data-name="${CSS.escape(name)}"]`)?.focus();
    announceChange(absent);
  };
  const showAbsent = () => {
    const missing = names.filter((name) => !fields.has(name));
    const chip = (name) =>
      button(`+ ${visible(name)}`, () => focusFirst(addAbsent(name)), {
        "aria-label": `Add ${visible(name)}`,
        title: properties[name].description,
        "data-name": name,
      });
    absent.replaceChildren(...missing.map(chip));
  };
  const addAbsent = (name) => {
    const field = addNamed(name);
    showAbsent();
    announceChange(absent);
    return field;
  };
  // A constant is not to be entered, and so is there from the start.
  const isShown = (name) => required.includes(name) || Object.hasOwn(value, name);
  names.filter(isShown).forEach((name) => addNamed(name, value[name]));
  showAbsent();
  const others = Object.entries(value).filter(([name]) => !names.includes(name));
  const entries = entryFields(furtherFields(schema), others);
  const { element: frame, rename } = group(options, body, absent, entries.element);
  return {
    element: frame,
    rename,
    read(path, reading) {
      // A tag is a constant, and comes first: serde keeps what precedes it in a buffer, which has
      // neither 128-bit integers nor maps whose keys are numbers.
      const isConstant = (name) => kindOf(properties[name]) === "const";
      const present = names.filter((name) => fields.has(name));
      const ordered = [...present.filter(isConstant), ...present.filter((name) => !isConstant(name))];
      const named = ordered.map((name) => [name, fields.get(name).read(childPath(path, name), reading)]);
      const all = [...named, ...entries.read(path, reading)];
      return fromEntries(all.filter(([, member]) => member !== undefined));
    },
  };
}

/** Makes the entries of a map. Without a schema for them, none can be added. */
function entryFields(schema, values) {
  const entries = new Set();
  const body = element("div", { class: "body" });
  const addEntry = (key = "", value) => {
    const input = element("input", { "aria-label": "Name", placeholder: "name", autocomplete: "off" });
    const problem = element("p", { class: "problem" });
    input.value = key;
    const remove = () => {
      entries.delete(entry);
      row.remove();
      add.focus();
      announceChange(add);
    };
    const field = createField(schema ?? {}, { name: "value", value });
    const row = element(
      "div",
      { class: "entry" },
      element("div", { class: "title" }, input, removeButton(remove)),
      problem,
      field.element,
    );
    const entry = { input, problem, field };
    entries.add(entry);
    body.append(row);
    return input;
  };
  const add = button("Add entry", () => {
    addEntry().focus();
    announceChange(add);
  });
  values.forEach(([key, value]) => addEntry(key, value));
  add.hidden = !schema;
  return {
    element: element("div", { class: "entries" }, body, add),
    read(path, reading) {
      const read = new Map();
      for (const { input, problem, field } of entries) {
        const key = input.value;
        problem.textContent = "";
        const at = childPath(path, key);
        if (read.has(key)) {
          reading.controls.set(`${at} again`, { control: input, problem });
          reading.problems.push({ path: `${at} again`, message: `the name \`${key}\` stands twice` });
          continue;
        }
        read.set(key, field.read(at, reading));
        // A name that the map does not take is a problem at the path of the value.
        if (!reading.controls.has(at)) reading.controls.set(at, { control: input, problem });
      }
      return [...read];
    },
  };
}

/** Reads a field. Returns its value, and where each path is entered. */
export function readField(field) {
  const reading = { controls: new Map(), problems: [] };
  const value = field.read("", reading);
  return { value, ...reading };
}

/** Shows problems at the controls of their paths. Returns those that have no control. */
export function showProblems(controls, problems) {
  for (const [path, { control, problem }] of controls) {
    const own = problems.filter((it) => it.path === path);
    control.setAttribute("aria-invalid", own.length > 0);
    problem.textContent = own.map(({ message }) => message).join("; ");
  }
  return problems.filter(({ path }) => !controls.has(path));
}
