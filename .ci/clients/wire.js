// What has to have gone over the wire.

import assert from "node:assert/strict";

import { messages } from "./messages.js";

/** What is left of JSON, at most: it is the most with a window of nine bits. */
const RATIO = 0.45;
/** What there is beside the payloads, at most: headers, handshakes, TLS, HTTP/2. */
const OVERHEAD = { share: 0.02, bytes: 32_768 };

const firstOf = (name) => messages.oneByOne.findIndex((message) => message.name === `text, ${name}`);

/** Messages that are sent twice in a row, and the window that they need: zlib leaves 262 bytes of it unused. */
const REPETITIONS = [
  { name: "300 bytes of JSON", windowBits: 10 },
  { name: "1 KiB of JSON", windowBits: 11 },
].map((repetition) => ({ ...repetition, at: firstOf(repetition.name) }));

/**
 * Holds the frames of one direction against the messages that were sent. `compresses` says of each if it is compressed;
 * `contextBits` are those of the window with the messages before, if there is one.
 */
export function assertFrames(direction, { messages: seen }, sent, compresses, contextBits) {
  const told = (isCompressed) => (isCompressed ? "compressed" : "as it is");
  assert.deepEqual(
    seen.map(({ isCompressed }, at) => `${sent[at]?.name}: ${told(isCompressed)}`),
    sent.map((message) => `${message.name}: ${told(compresses(message))}`),
    `${direction}: other messages are compressed than expected`,
  );
  for (const [at, { name, bytes, isIncompressible }] of sent.entries()) {
    if (!seen[at].isCompressed) assert.equal(seen[at].bytes, bytes, `${direction}: ${name} has another length`);
    else if (!isIncompressible) assert(seen[at].bytes < bytes, `${direction}: ${name} has become ${seen[at].bytes} bytes`);
  }
  for (const { name, windowBits, at } of REPETITIONS) {
    const [first, second] = seen.slice(at, at + 2);
    if (!first.isCompressed) continue;
    if (contextBits === null) assert.equal(second.bytes, first.bytes, `${direction}: ${name} is not compressed by itself`);
    else if (contextBits >= windowBits) {
      assert(second.bytes < first.bytes / 2, `${direction}: ${name} is ${first.bytes} bytes, then ${second.bytes}`);
    }
  }
}

/** Holds the bytes of one direction, whatever they are packed in, against the messages. */
export function assertBytes(direction, bytes, sent, compresses) {
  const total = (share) => sent.reduce((sum, message) => sum + message.bytes * share(message), 0);
  const isShorter = (message) => compresses(message) && !message.isIncompressible;
  const least = total((message) => (isShorter(message) ? 0 : 1));
  const most = total((message) => (isShorter(message) ? RATIO : 1)) * (1 + OVERHEAD.share) + OVERHEAD.bytes;
  assert(least <= bytes && bytes <= most, `${direction}: ${bytes} bytes where ${least} to ${Math.round(most)} were expected`);
}
