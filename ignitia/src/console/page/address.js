// Addresses of endpoints: path parameters, query, positions.

import { parse, stringify, toNumber } from "./json.js";
import { alternatives, kindOf, merged } from "./schema.js";

/** Puts path parameters into an endpoint's path. Throws an error for one that no path can have. */
export function fillPath({ address, parameters }, values) {
  return parameters.reduce((path, { name, isTail }) => {
    const text = textOf(values[name]);
    const segments = isTail ? text.split("/") : [text];
    if (text === "") throw new Error(`The path parameter \`${name}\` is empty.`);
    // URLs resolve dots, also where they are encoded.
    if (segments.some((segment) => segment === "." || segment === "..")) {
      throw new Error(`The path parameter \`${name}\` cannot be ${JSON.stringify(text)}: URLs resolve dots.`);
    }
    return path.replaceAll(`{${name}}`, () => segments.map(encodeURIComponent).join("/"));
  }, address);
}

/** Returns the URL of a WebSocket on the server of this page. */
export function webSocketUrl(path, query, positions) {
  const url = new URL(path, location.origin);
  url.protocol = url.protocol.replace("http", "ws");
  const shown = positions.map((position) => `%24at=${encodeURIComponent(position)}`);
  url.search = [query, ...shown].filter((part) => part !== "").join("&");
  return url.href;
}

/** Writes the fields of a query. */
export function writeQuery(fields) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    // A list is a name that stands several times.
    const items = Array.isArray(value) ? value : value === null ? [] : [value];
    for (const item of items) query.append(name, textOf(item));
  }
  return query.toString();
}

/** Reads the fields of a query, as the types that they have in its schema. */
export function readQuery(text, schema) {
  const query = new URLSearchParams(text);
  const properties = merged(schema).properties ?? {};
  const entries = [...new Set(query.keys())].map((name) => {
    const property = merged(properties[name] ?? { type: "string" });
    if (kindOf(property) !== "list") return [name, fromText(property, query.get(name))];
    return [name, query.getAll(name).map((item) => fromText(property.items, item))];
  });
  return Object.fromEntries(entries);
}

const textOf = (value) => (typeof value === "string" ? value : value === undefined ? "" : stringify(value));

/** Returns the value that a text is meant to be. If it is none, the form shows the text itself. */
function fromText(schema, text) {
  const types = (alternatives(schema) ?? [schema]).map((it) => merged(it).type);
  if (types.includes("boolean") && /^(true|false)$/.test(text)) return text === "true";
  if (/^-?\d+(\.\d+)?$/.test(text) && types.some((type) => type === "integer" || type === "number"))
    return toNumber(text) ?? text;
  if (types.includes("string")) return text;
  try {
    return parse(text);
  } catch {
    return text;
  }
}
