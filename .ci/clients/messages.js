// The messages that every client sends and gets back, the same in every run.

/** The server's `Compression::min_size`. */
export const MIN_SIZE = 256;

/** As many bytes as the server and `websockets` accept by default. */
const LIMIT = 1 << 20;

/** Numbers below 2³², from a seed: mulberry32. */
function numbers(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/** Lines of an application: objects with the same fields and other values. */
function json(size, seed) {
  const number = numbers(seed);
  const lines = [];
  for (let length = 0; length < size; length += lines.at(-1).length) {
    const place = ["kitchen", "garden", "attic", "cellar", "hall", "stairs", "roof"][number() % 7];
    const user = number() % 100;
    const moved = { type: "moved", id: number().toString(16), user: { id: user, name: `user-${user}` }, at: number() % 86_400, place };
    lines.push(`${JSON.stringify(moved)}\n`);
  }
  return lines.join("").slice(0, size);
}

function noise(size, seed) {
  const number = numbers(seed);
  return Buffer.from(Uint8Array.from({ length: size }, () => number() >>> 24));
}

const text = (name, text) => ({ name: `text, ${name}`, text, bytes: Buffer.byteLength(text) });
const binary = (name, bytes) => ({ name: `binary, ${name}`, base64: bytes.toString("base64"), bytes: bytes.length });
/** A message that compression makes no shorter. */
const incompressible = (message) => ({ ...message, isIncompressible: true });

/** The sizes just below, at and above the one from which on the server compresses. */
const around = [-1, 0, 1].map((more) => MIN_SIZE + more);

const KIB_OF_JSON = text("1 KiB of JSON", json(1_024, 1));
const SHORT_JSON = text("300 bytes of JSON", json(300, 2));

const small = [
  incompressible(text("empty", "")),
  incompressible(text("one byte", "x")),
  ...around.map((size) => text(`${size} bytes`, "compress ".repeat(size).slice(0, size))),
  text("two bytes each", "žluťoučký kůň úpěl ďábelské ódy, Ωμέγα; ".repeat(10)),
  text("three and four bytes each", "日本語のテキスト\ufeff\uffff🦀𝒳\u{10ffff}👩‍👩‍👧‍👦".repeat(10)),
  // The same again and again: with context takeover they cost next to nothing.
  ...Array(5).fill(KIB_OF_JSON),
  ...Array(5).fill(SHORT_JSON),
  incompressible(binary("empty", Buffer.alloc(0))),
  incompressible(binary("one byte", Buffer.from([0]))),
  ...around.map((size) => binary(`${size} bytes`, Buffer.alloc(size, "ab"))),
  incompressible(binary("300 bytes of noise", noise(300, 3))),
];

const large = [
  text("100 KiB", json(100 << 10, 4)),
  incompressible(binary("100 KiB of noise", noise(100 << 10, 5))),
  incompressible(text("empty, after large ones", "")),
  KIB_OF_JSON,
  text("1 MiB", json(LIMIT, 6)),
  incompressible(binary("1 MiB of noise", noise(LIMIT, 7))),
  binary("1 MiB of JSON", Buffer.from(json(LIMIT, 8))),
  KIB_OF_JSON,
];

const parts = ["", "in fragments ".repeat(20), "", "žluťoučký kůň ".repeat(20), ""];
const binaryParts = parts.map((part) => Buffer.from(part).toString("base64"));

/** Messages, by the way in which they are sent. */
export const messages = {
  /** Each after the echo of the one before. */
  oneByOne: [...small, ...large],
  atOnce: small,
  /** Each in the fragments `parts`, with pings between them: by clients that can. */
  inFragments: [
    { ...text("in fragments", parts.join("")), parts },
    { ...text("in fragments again", parts.join("")), parts },
    { ...binary("in fragments", Buffer.from(parts.join(""))), parts: binaryParts },
  ],
};
