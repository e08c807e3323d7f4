// The contract of the server beside this file: what Ignitia would write about such endpoints.

import { documentOf, object, ref } from "./asyncapi.js";

const string = { type: "string" };
const uint8 = { type: "integer", format: "uint8", minimum: 0, maximum: 255 };
const uint64 = { type: "integer", format: "uint64", minimum: 0 };
const int64 = { type: "integer", format: "int64" };
const nullable = (schema) => ({ anyOf: [schema, { type: "null" }] });
const constant = (value) => ({ type: "string", const: value });

// Schemas of variants, in each representation.
const internal = (name, properties = {}, required = Object.keys(properties)) =>
  object({ type: constant(name), ...properties }, ["type", ...required]);
const adjacent = (name, content) =>
  content ? object({ type: constant(name), data: content }) : object({ type: constant(name) });
const external = (name, content) =>
  content ? { ...object({ [name]: content }), additionalProperties: false } : constant(name);

const schemas = {};

schemas.Point = {
  description: "A place.",
  ...object({ x: { type: "number" }, y: { type: "number", default: 0 } }, ["x"]),
};
schemas.Color = { type: "string", enum: ["red", "green", "deep blue"] };
schemas.Tree = object(
  {
    label: string,
    children: { type: "array", items: ref("Tree") },
    origin: { description: "The tree that it comes from.", allOf: [ref("Tree")], default: null },
  },
  ["label"],
);
schemas.Expression = {
  oneOf: [
    external("sum", {
      type: "array",
      items: [ref("Expression"), ref("Expression")],
      minItems: 2,
      maxItems: 2,
    }),
    external("literal", int64),
  ],
};
schemas.Shape = {
  oneOf: [
    object({ kind: constant("circle"), center: ref("Point"), radius: { type: "number" } }),
    object({ kind: constant("path"), points: { type: "array", items: ref("Point") } }),
  ],
};

const endpoints = {};

endpoints.room = {
  address: "/rooms/{room}",
  docs: [
    "A room to talk in: all members receive the same messages in the same order.",
    "It has a history; a client that returns misses nothing.",
  ].join("\n\n"),
  id: "id",
  resumes: true,
  idleTimeout: 60,
  received: { tag: "type" },
  sent: { tag: "type" },
  parameters: { room: string },
  query: object(
    { token: { ...string, description: "Any text but `wrong`." }, fast: { type: ["boolean", "null"] } },
    ["token"],
  ),
  subprotocols: ["chat.v2", "chat.v1"],
  asked: {
    say: {
      docs: "Says a text to all members.",
      schema: internal("say", { text: string }),
      replies: ["delivered", "$error"],
      errorCodes: ["too_long"],
    },
    add: {
      docs: "Adds to a counter.",
      handler: "Adds, and returns the sum.",
      schema: internal("add", { name: string, by: { ...int64, default: 1 } }, ["name"]),
      replies: ["value"],
    },
    leave: { docs: "Leaves the room.", schema: internal("leave"), mayClose: true, errorCodes: [] },
  },
  told: {
    said: { docs: "A member has said something.", schema: internal("said", { from: uint64, text: string }) },
    delivered: {
      docs: "The reply to `say`.",
      schema: internal("delivered", { to: { type: "integer", format: "uint32", minimum: 0 } }),
    },
    value: { schema: internal("value", { name: string, value: int64 }) },
  },
};

endpoints.board = {
  address: "/boards/{owner}/{rest}",
  docs: "A board to draw on. Its messages come back as they were sent.",
  received: { tag: "type", content: "data" },
  sent: { tag: "type", content: "data" },
  parameters: { owner: { type: "integer", format: "uint32", minimum: 0 }, rest: { ...string, isTail: true } },
  asked: Object.fromEntries(
    Object.entries({
      draw: ref("Shape"),
      plant: ref("Tree"),
      evaluate: ref("Expression"),
      everything: object(
        {
          name: string,
          serial: uint64,
          ratio: { type: "number", format: "double" },
          isNew: { type: "boolean" },
          color: ref("Color"),
          pair: {
            type: "array",
            items: [uint8, string],
            minItems: 2,
            maxItems: 2,
          },
          tags: { type: "array", items: string },
          scores: { type: "object", additionalProperties: int64 },
          numbered: {
            type: "object",
            patternProperties: { "^\\d+$": { type: "boolean" } },
            additionalProperties: false,
          },
          at: nullable(ref("Point")),
          extra: {},
        },
        ["name", "serial", "ratio", "isNew", "color", "pair", "tags", "scores", "numbered", "extra"],
      ),
      clear: null,
    }).map(([name, content]) => [name, { schema: adjacent(name, content) }]),
  ),
  told: { drawn: { schema: adjacent("drawn", ref("Shape")) }, cleared: { schema: adjacent("cleared") } },
};

endpoints.jobs = {
  address: "/jobs",
  docs: "Runs jobs, and tells of their progress.",
  received: {},
  sent: {},
  asked: {
    run: { docs: "Starts a job.", schema: external("run", object({ command: string })) },
    stop: { docs: "Stops all jobs.", schema: external("stop") },
    flood: {
      docs: "Asks for many lines.",
      schema: external(
        "flood",
        object({ count: { type: "integer", format: "uint32", minimum: 0, default: 10000 } }, []),
      ),
    },
  },
  told: {
    line: { schema: external("line", string) },
    done: { schema: external("done") },
  },
};

endpoints.shapes = {
  address: "/shapes",
  docs: "Takes values that are easily shown or written wrongly.",
  id: "id",
  received: { tag: "type", content: "data" },
  sent: { tag: "type", content: "data" },
  asked: {
    "": { docs: "A variant without a name.", schema: adjacent(""), replies: ["", "binary"] },
    optional: {
      schema: adjacent(
        "optional",
        object(
          {
            age: { ...uint8, type: ["integer", "null"] },
            nick: { type: ["string", "null"] },
            color: nullable(ref("Color")),
            grade: { type: ["string", "null"], enum: ["", "a b", "null", null] },
            either: { anyOf: [object({ x: uint8 }), object({ x: string }), uint8, uint8] },
            any: { type: ["string", "number", "null"] },
          },
          ["age", "either"],
        ),
      ),
    },
    ordered: {
      schema: adjacent(
        "ordered",
        object({
          by: { oneOf: [object({ kind: constant("one"), 0: int64 })] },
          sums: { type: "object", patternProperties: { "^\\d+$": int64 }, additionalProperties: false },
        }),
      ),
    },
    sized: {
      schema: adjacent(
        "sized",
        object(
          {
            text: string,
            ratio: { type: "number", format: "double" },
            letter: { ...string, minLength: 1, maxLength: 1 },
            list: { type: "array", items: uint8 },
            three: { type: "array", items: uint8, minItems: 3, maxItems: 3 },
            block: { type: "array", items: uint8, minItems: 4096, maxItems: 4096 },
            map: { type: "object", additionalProperties: uint8 },
          },
          ["text", "ratio", "list", "block", "map"],
        ),
      ),
    },
  },
  told: {
    "": { schema: adjacent("") },
    binary: { docs: "A text, in spite of its name.", schema: adjacent("binary", nullable(uint8)) },
  },
};

endpoints.raw = {
  address: "/raw",
  docs: "Returns texts and bytes as they are.",
};

export const contract = documentOf({
  info: {
    title: "Sample server",
    version: "1.2.0",
    description: "The endpoints that the tests of the console need.",
  },
  endpoints,
  schemas,
  problems: ["endpoint `raw`: its messages have no type"],
});
