// JSON Schema (draft 07, as far as the contract uses it): kinds, first values, problems of values.

import { NAME } from "./contract.js";
import { plural, visible } from "./format.js";
import { childPath, stringify } from "./json.js";

const merges = new WeakMap();

/** Returns a schema without `allOf`: its parts become one. */
export function merged(schema) {
  if (schema === null || typeof schema !== "object") return {};
  if (!schema.allOf) return schema;
  if (!merges.has(schema)) {
    const { allOf, ...rest } = schema;
    const whole = [...allOf.map(merged), rest].reduce(join);
    // A definition beside a description is still that definition.
    const isSame = allOf.length === 1 && !rest.properties;
    merges.set(schema, named(whole, isSame ? allOf[0][NAME] : undefined));
  }
  return merges.get(schema);
}

/** Joins two schemas, of which a value has to fit both. */
function join(left, right) {
  const joined = { ...left, ...right, [NAME]: undefined };
  if (left.properties && right.properties) joined.properties = { ...left.properties, ...right.properties };
  if (left.required && right.required) joined.required = [...new Set([...left.required, ...right.required])];
  return joined;
}

/** Returns the schemas of which a value has to fit one, or nothing if there is no choice. */
export function alternatives(schema) {
  const { oneOf, anyOf, default: ofAll, title, ...rest } = merged(schema);
  const list = oneOf ?? anyOf;
  if (list) return list.map(merged).map((alternative) => named(join(rest, alternative), alternative[NAME]));
  // The rest is about values other than null.
  const ofType = (type) => (type === "null" ? { type } : { ...rest, type });
  return Array.isArray(rest.type) ? rest.type.map(ofType) : null;
}

const named = (schema, name) => (name ? { ...schema, [NAME]: name } : schema);

/** Returns the values of an enumeration as `{ value, docs }`, or nothing if the schema is none. */
export function enumeration(schema) {
  const whole = merged(schema);
  if (whole.enum) return whole.enum.map((value) => ({ value }));
  if (!(whole.oneOf ?? whole.anyOf)) return null;
  const values = alternatives(whole).flatMap((alternative) =>
    "const" in alternative
      ? [{ value: alternative.const, docs: alternative.description }]
      : (enumeration(alternative) ?? [undefined]),
  );
  return values.includes(undefined) ? null : values;
}

/** Returns the kind of a schema: how its values are entered. */
export function kindOf(schema) {
  const whole = merged(schema);
  if ("const" in whole) return "const";
  if (enumeration(whole)) return "enumeration";
  if (alternatives(whole)) return "union";
  if (whole.type === "array") return Array.isArray(whole.items) ? "tuple" : "list";
  return whole.type ?? (whole.properties ? "object" : "any");
}

/** Returns the schema of an object's further fields, or nothing if it has none. */
export function furtherFields(schema) {
  const { additionalProperties, patternProperties } = merged(schema);
  const [pattern] = Object.values(patternProperties ?? {});
  if (pattern) return pattern;
  if (additionalProperties === true) return {};
  return additionalProperties || null;
}

/** Returns a short name of a schema, for people. */
export function typeName(schema) {
  const whole = merged(schema);
  if (whole[NAME]) return whole[NAME];
  switch (kindOf(whole)) {
    case "const":
      return stringify(whole.const);
    case "enumeration":
      return enumeration(whole)
        .map(({ value }) => stringify(value))
        .join(" | ");
    case "union":
      return [...new Set(alternatives(whole).map(alternativeName))].join(" | ");
    case "list":
      return `${typeName(whole.items)}[]`;
    case "tuple":
      return `[${whole.items.map(typeName).join(", ")}]`;
    case "object":
      return objectName(whole);
    default:
      return scalarName(whole);
  }
}

/** Returns the name of a type without parts. A format of numbers says nothing of other values. */
function scalarName({ type = "any", format }) {
  const isNumber = type === "integer" || type === "number";
  return format && isNumber === /^(u?int\d*|float|double)$/.test(format) ? format : type;
}

function objectName(schema) {
  const fields = Object.entries(schema.properties ?? {}).map(
    ([name, field]) => `${visible(name)}${schema.required?.includes(name) ? "" : "?"}: ${typeName(field)}`,
  );
  const further = furtherFields(schema);
  if (further) fields.push(`[name]: ${typeName(further)}`);
  return fields.length === 0 ? "{}" : `{ ${fields.join(", ")} }`;
}

/** Returns the name of one of several alternatives: that of its variant, if it has one. */
export function alternativeName(schema) {
  const whole = merged(schema);
  const { properties = {}, required = [], title } = whole;
  if (whole[NAME]) return whole[NAME];
  const tag = Object.values(properties).find((property) => "const" in merged(property));
  if (tag) return visible(String(merged(tag).const));
  return title ?? (required.length === 1 && properties[required[0]] ? required[0] : typeName(schema));
}

/** Returns the names of alternatives, by which each can be told from the others. */
export function alternativeNames(list) {
  const names = list.map(alternativeName);
  const isShared = (name) => names.indexOf(name) !== names.lastIndexOf(name);
  const longer = names.map((name, at) => (isShared(name) ? typeName(list[at]) : name));
  return longer.map((name, at) => {
    const earlier = longer.slice(0, at).filter((other) => other === name).length;
    return earlier === 0 ? name : `${name} (${earlier + 1})`;
  });
}

/** Returns the value that a new field has, or undefined if no finite value was found. */
export function firstValue(schema, open = []) {
  const whole = merged(schema);
  // A nullable field that is added is there to have a value, whatever it is without one.
  if (whole.default != null) return whole.default;
  // A type that needs itself has no finite value: another alternative has to end it.
  if (open.includes(schema)) return undefined;
  const inner = [...open, schema];
  switch (kindOf(whole)) {
    case "const":
      return whole.const;
    case "enumeration":
      return enumeration(whole)[0].value;
    case "union":
      return firstOf(alternatives(whole), inner);
    case "boolean":
      return false;
    case "string":
      return "x".repeat(whole.minLength ?? 0);
    case "integer":
    case "number":
      return whole.minimum > 0 ? whole.minimum : 0;
    case "tuple":
      return allOrNothing(whole.items.map((item) => firstValue(item, inner)));
    case "list":
      return allOrNothing(Array.from({ length: whole.minItems ?? 0 }, () => firstValue(whole.items, inner)));
    case "object":
      return firstObject(whole, inner);
    default:
      return null;
  }
}

const allOrNothing = (values) => (values.includes(undefined) ? undefined : values);

function firstOf(schemas, open) {
  for (const schema of schemas) {
    const value = firstValue(schema, open);
    if (value !== undefined && merged(schema).type !== "null") return value;
  }
  return schemas.some((schema) => merged(schema).type === "null") ? null : undefined;
}

function firstObject(schema, open) {
  const names = schema.required ?? [];
  const values = names.map((name) => firstValue(schema.properties?.[name], open));
  return values.includes(undefined)
    ? undefined
    : Object.fromEntries(names.map((name, at) => [name, values[at]]));
}

/** Returns the index of the alternative that a value fits, or seems to be meant for, or -1. */
export function chooseAlternative(list, value) {
  const problems = list.map((schema) => problemsOf(schema, value));
  const fitting = problems.findIndex(({ length }) => length === 0);
  return fitting >= 0 ? fitting : problems.findIndex((found) => isMeant(found, ""));
}

/** Returns false if the problems of a value show that it is meant for another alternative. */
const isMeant = (problems, path) =>
  !problems.some(({ differs, path: at }) => differs === "constant" || (differs === "type" && at === path));

/**
 * Returns the problems of a value as `{ path, message }`. That of a missing field also has the
 * `parent`'s path. `differs` is "type" or "constant" where the value is another one altogether.
 */
export function problemsOf(schema, value, path = "") {
  if (schema === true || schema === undefined) return [];
  if (schema === false) return [{ path, message: "nothing is allowed here", differs: "type" }];
  const types = [schema.type ?? []].flat();
  if (types.length > 0 && !types.some((type) => isOfType(type, value))) {
    const expected = types.map(withArticle).join(" or ");
    return [{ path, message: `expected ${expected}, found ${describe(value)}`, differs: "type" }];
  }
  if ("const" in schema && !isEqual(schema.const, value)) {
    const message = `expected ${stringify(schema.const)}, found ${describe(value)}`;
    return [{ path, message, differs: "constant" }];
  }
  if (schema.enum && !schema.enum.some((allowed) => isEqual(allowed, value))) {
    const expected = schema.enum.map((allowed) => stringify(allowed)).join(", ");
    return [{ path, message: `expected one of ${expected}, found ${describe(value)}`, differs: "type" }];
  }
  return [
    ...(schema.allOf ?? []).flatMap((part) => problemsOf(part, value, path)),
    ...choiceProblems(schema.oneOf ?? schema.anyOf, value, path),
    ...limitProblems(schema, value).map((message) => ({ path, message })),
    ...(Array.isArray(value) ? itemProblems(schema, value, path) : []),
    ...(isObject(value) ? fieldProblems(schema, value, path) : []),
  ];
}

function choiceProblems(list, value, path) {
  if (!list) return [];
  const problems = list.map((schema) => problemsOf(schema, value, path));
  if (problems.some(({ length }) => length === 0)) return [];
  const meant = problems.filter((found) => isMeant(found, path));
  if (meant.length === 1) return meant[0];
  const names = [...new Set(list.map(alternativeName))].join(", ");
  return [{ path, message: `expected one of ${names}, found ${describe(value)}`, differs: "type" }];
}

function itemProblems({ items }, value, path) {
  const schemaOf = (index) => (Array.isArray(items) ? items[index] : items);
  return value.flatMap((item, index) => problemsOf(schemaOf(index), item, childPath(path, index)));
}

function fieldProblems(schema, value, path) {
  const { properties = {}, required = [], patternProperties = {}, additionalProperties } = schema;
  const missing = required
    .filter((name) => !Object.hasOwn(value, name))
    .map((name) => ({
      path: childPath(path, name),
      parent: path,
      message: `the field \`${name}\` is missing`,
      differs: "const" in merged(properties[name]) && "constant",
    }));
  const wrong = Object.entries(value).flatMap(([name, field]) => {
    const at = childPath(path, name);
    if (Object.hasOwn(properties, name)) return problemsOf(properties[name], field, at);
    const [, part] = Object.entries(patternProperties).find(([pattern]) => isLike(pattern, name)) ?? [];
    const isUnknown = part === undefined && additionalProperties === false;
    if (isUnknown) return [{ path: at, message: "there is no such field" }];
    return problemsOf(part ?? additionalProperties, field, at);
  });
  return [...missing, ...wrong];
}

function limitProblems(schema, value) {
  if (typeof value === "string") {
    const { minLength, maxLength, pattern } = schema;
    const isWrong = pattern !== undefined && !isLike(pattern, value);
    const sizes = sizeProblems([...value].length, minLength, maxLength, "character");
    return isWrong ? [...sizes, `expected a text like ${pattern}`] : sizes;
  }
  if (Array.isArray(value)) return sizeProblems(value.length, schema.minItems, schema.maxItems, "item");
  if (typeof value !== "number" && typeof value !== "bigint") return [];
  const [least, most] = integerRange(schema.format);
  const { minimum = least, maximum = most, exclusiveMinimum, exclusiveMaximum } = schema;
  return [
    value < minimum && `expected at least ${minimum}`,
    value > maximum && `expected at most ${maximum}`,
    value <= exclusiveMinimum && `expected more than ${exclusiveMinimum}`,
    value >= exclusiveMaximum && `expected less than ${exclusiveMaximum}`,
  ].filter(Boolean);
}

/** Returns true if a text has a pattern, or if the pattern is none of JavaScript's. */
function isLike(pattern, text) {
  try {
    return new RegExp(pattern, "u").test(text);
  } catch {
    return true;
  }
}

function sizeProblems(size, least = 0, most = Infinity, unit = "") {
  if (size < least) return [`expected at least ${plural(least, unit)}`];
  return size > most ? [`expected at most ${plural(most, unit)}`] : [];
}

/** Returns the least and the greatest value of a format, as schemars names Rust's integers. */
function integerRange(format = "") {
  const [, unsigned, digits = "64"] = /^(u?)int(\d*)$/.exec(format) ?? [];
  if (unsigned === undefined) return [];
  const bits = BigInt(digits || 64);
  return unsigned ? [0n, 2n ** bits - 1n] : [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n];
}

const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

function isOfType(type, value) {
  switch (type) {
    case "null":
      return value === null;
    case "array":
      return Array.isArray(value);
    case "object":
      return isObject(value);
    case "integer":
      return typeof value === "bigint" || Number.isInteger(value);
    case "number":
      return typeof value === "bigint" || typeof value === "number";
    default:
      return typeof value === type;
  }
}

const isEqual = (left, right) => left === right || stringify(left) === stringify(right);

const withArticle = (type) => (type === "null" ? type : `${/^[aio]/.test(type) ? "an" : "a"} ${type}`);

/** Returns a value, or its type if it is long, for the text of a problem. */
function describe(value) {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return "an array";
  if (isObject(value)) return "an object";
  const text = stringify(value);
  return text.length <= 40 ? text : "a string";
}
