// Messages as serde writes them, against the schemas of the document, as a second validator reads those.

import assert from "node:assert/strict";
import { test } from "node:test";

import Ajv from "ajv";
import addFormats from "ajv-formats";

import { messages } from "./messages.js";
import { json } from "./printed.js";

/** schemars' own formats, which the validator does not know. */
const FORMATS = ["uint8", "uint16", "uint32", "uint64", "uint", "int8", "int16", "int128", "uint128"];

const document = json("rich.json");

/** Returns a function for each kind of messages, which says if a value is one. */
function validators(endpoint, action) {
  const ajv = addFormats(new Ajv({ strict: true, allowUnionTypes: true }));
  for (const format of FORMATS) ajv.addFormat(format, true);
  ajv.addKeyword("components");
  const { schemas } = document.components;
  const of = (message) => ajv.compile({ ...message.payload, components: { schemas } });
  return new Map([...messages(document, endpoint, action)].map(([name, message]) => [name, of(message)]));
}

/** Returns the kinds that a value is of. */
const kinds = (validators, value) => [...validators].filter(([, isValid]) => isValid(value)).map(([name]) => name);

for (const [endpoint, directions] of Object.entries(json("samples.json"))) {
  for (const [action, samples] of Object.entries(directions)) {
    test(`${endpoint}: what serde writes is of one kind (${action})`, () => {
      const all = validators(endpoint, action);
      const seen = new Set();
      for (const sample of samples) {
        const found = kinds(all, sample);
        assert.equal(found.length, 1, `${JSON.stringify(sample)} is ${found}`);
        seen.add(found[0]);
      }
      assert.deepEqual([...seen].sort(), [...all.keys()].sort());
    });

    test(`${endpoint}: a field that is missing or of another type is refused (${action})`, () => {
      const all = validators(endpoint, action);
      let broken = 0;
      for (const sample of samples) {
        const [kind] = kinds(all, sample);
        for (const wrong of damaged(sample, messages(document, endpoint, action).get(kind).payload)) {
          assert.deepEqual(kinds(all, wrong), [], JSON.stringify(wrong));
          broken += 1;
        }
      }
      assert(broken > samples.length, `${broken}`);
    });
  }
}

/** Returns a message without one required field each, and with a value in each that has no type. */
function damaged(message, { required = [], properties = {} }) {
  if (typeof message === "string") return [`${message}s`, {}];
  const has = (schema) => Object.keys(schema).some((keyword) => keyword !== "description");
  const impossible = [[{}]];
  const without = required.map((name) => Object.fromEntries(Object.entries(message).filter(([key]) => key !== name)));
  const changed = required.filter((name) => has(properties[name] ?? {})).map((name) => ({ ...message, [name]: impossible }));
  return [...without, ...changed];
}

const WRONG = {
  room: [
    '{}',
    '[]',
    '"say"',
    '{"type":"unknown"}',
    '{"type":"Say","text":"a"}',
    '{"say":{"text":"a"}}',
    '{"type":"say","text":null}',
    '{"type":"say","text":"a","to":-1}',
    '{"type":"say","text":"a","to":1.5}',
    '{"type":"say","text":"a","id":true}',
    '{"type":"put","x":1}',
    '{"type":"put","x":1,"y":2,"label":3}',
    '{"type":"draw","shape":"circle","centre":{"x":1},"radius":1}',
    '{"type":"draw","shape":"square"}',
    '{"type":"set","settings":{},"room":"lobby","urgent":1}',
    '{"type":"set","settings":{"colour":"blue"},"room":"lobby"}',
    '{"type":"grow","tree":{"value":1,"children":[{}]},"page":{"items":[]},"pages":{"items":[]}}',
  ],
  board: ['{"t":"Count","c":"1"}', '{"t":"Line","c":[{"x":1,"y":2}]}', '{"t":"Maybe"}', '{"c":1}', '{"t":"Count","d":1}'],
  jobs: ['"unknown"', '"exit"', '{"exit":1.5}', '{"stop":null}', '{"exit":1,"pair":[1,"red"]}', '{"pair":[256,"red"]}'],
};

for (const [endpoint, wrong] of Object.entries(WRONG)) {
  test(`${endpoint}: wrong messages are refused`, () => {
    const all = validators(endpoint, "receive");
    const accepted = wrong.filter((message) => kinds(all, JSON.parse(message)).length > 0);
    assert.deepEqual(accepted, []);
  });
}
