// JSON without loss: integers that a number cannot hold exactly are bigints, and each value of a
// text has its place.

/** Depth of nesting at which serde_json gives up, too. */
const MAX_DEPTH = 128;

/** Key under which an object has the order of its names, where JavaScript would change it. */
const ORDER = Symbol("order");

/** A text that is not JSON, with the offset of the first mistake. */
export class JsonError extends Error {
  constructor(message, offset) {
    super(message);
    this.offset = offset;
  }
}

/** Returns the path of a member or an element, as the server's `$error`s have it: `points[2].x`. */
export function childPath(path, key) {
  if (typeof key === "number") return `${path}[${key}]`;
  return path === "" ? key : `${path}.${key}`;
}

/** Makes an object whose fields are written in this order, also those with a number as a name. */
export function fromEntries(entries) {
  const object = Object.fromEntries(entries);
  const names = [...new Set(entries.map(([name]) => name))];
  return Object.defineProperty(object, ORDER, { value: names });
}

/** Parses a text. */
export function parse(text) {
  // The engine's parser is far faster, and exact as long as no number is long or too large.
  if (/\d{16}|\de[+-]?\d{3}/i.test(text)) return parseWithPlaces(text).value;
  try {
    return JSON.parse(text);
  } catch {
    // It has other words for a mistake in each engine.
    return parseWithPlaces(text).value;
  }
}

/** Parses a text. Returns its value, and the start and end of the value at each path. */
export function parseWithPlaces(text) {
  const places = new Map();
  let offset = 0;

  const fail = (message, at = offset) => {
    throw new JsonError(message, at);
  };
  const match = (pattern) => {
    pattern.lastIndex = offset;
    const [found] = pattern.exec(text) ?? [];
    offset += found?.length ?? 0;
    return found;
  };
  const skipSpace = () => match(/[ \t\n\r]*/y);
  const isNext = (character) => {
    skipSpace();
    if (text[offset] !== character) return false;
    offset += 1;
    return true;
  };
  const expect = (character, what) => isNext(character) || fail(`expected ${what}`);

  const readString = () => {
    const start = offset;
    const string = match(/"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*"/y);
    return string === undefined
      ? fail("this string does not end, or has a wrong escape", start)
      : JSON.parse(string);
  };

  const readObject = (path, depth) => {
    const entries = new Map();
    offset += 1;
    if (isNext("}")) return {};
    do {
      skipSpace();
      if (text[offset] !== '"') fail("expected a name in double quotes");
      const start = offset;
      const name = readString();
      if (entries.has(name)) fail(`the name "${name}" stands twice`, start);
      expect(":", "a colon after the name");
      entries.set(name, readValue(childPath(path, name), depth));
    } while (isNext(","));
    expect("}", "a comma or the end of the object");
    return fromEntries([...entries]);
  };

  const readArray = (path, depth) => {
    const items = [];
    offset += 1;
    if (isNext("]")) return items;
    do {
      items.push(readValue(childPath(path, items.length), depth));
    } while (isNext(","));
    expect("]", "a comma or the end of the array");
    return items;
  };

  const readScalar = () => {
    const start = offset;
    const digits = match(/-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y);
    if (digits !== undefined) return toNumber(digits) ?? fail("this number is too large", start);
    const word = match(/true|false|null/y);
    return word === undefined ? fail("expected a value") : JSON.parse(word);
  };

  const readValue = (path, depth) => {
    if (depth > MAX_DEPTH) fail("this is nested too deeply");
    skipSpace();
    const start = offset;
    const first = text[offset];
    const value =
      first === "{"
        ? readObject(path, depth + 1)
        : first === "["
          ? readArray(path, depth + 1)
          : first === '"'
            ? readString()
            : readScalar();
    places.set(path, [start, offset]);
    return value;
  };

  const value = readValue("", 0);
  skipSpace();
  if (offset < text.length) fail("expected the end of the text");
  return { value, places };
}

/** Returns the number that a text stands for: a bigint if only that is exact, null if it is too large. */
export function toNumber(text) {
  const number = Number(text);
  if (!Number.isFinite(number) && !/^-?\d+$/.test(text)) return null;
  return /^-?\d+$/.test(text) && !Number.isSafeInteger(number) ? BigInt(text) : number;
}

/** Writes a value, over several lines if there is an indentation. Leaves out undefined fields. */
export function stringify(value, indentation = "", margin = "\n") {
  if (typeof value === "bigint") return String(value);
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null";
  const inner = margin + indentation;
  const [start, separator, end] = indentation ? [inner, `,${inner}`, margin] : ["", ",", ""];
  const write = (member) => stringify(member, indentation, inner);
  if (Array.isArray(value)) {
    return value.length === 0 ? "[]" : `[${start}${value.map(write).join(separator)}${end}]`;
  }
  const colon = indentation ? ": " : ":";
  const fields = (value[ORDER] ?? Object.keys(value))
    .filter((name) => value[name] !== undefined)
    .map((name) => JSON.stringify(name) + colon + write(value[name]));
  return fields.length === 0 ? "{}" : `{${start}${fields.join(separator)}${end}}`;
}

/**
 * Yields the parts of a JSON text as `[class, text]`, laid out over lines. The literals are those
 * of the text: nothing is parsed, and so nothing is rounded.
 */
export function* layOut(text) {
  let margin = "\n";
  let before = "";
  const parts = text.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g) ?? [];
  for (const [index, part] of parts.entries()) {
    const next = parts[index + 1];
    if (part === "}" || part === "]") {
      margin = margin.slice(0, -2);
      yield ["", isOpening(before) ? part : margin + part];
    } else if (isOpening(part)) {
      margin += "  ";
      yield ["", next === "}" || next === "]" ? part : part + margin];
    } else if (part === ",") {
      yield ["", part + margin];
    } else if (part === ":") {
      yield ["", ": "];
    } else {
      yield [next === ":" ? "name" : part.startsWith('"') ? "string" : "literal", part];
    }
    before = part;
  }
}

const isOpening = (part) => part === "{" || part === "[";
