// Chance that comes again with its seed.

import { createHash } from "node:crypto";

/** Returns a function of numbers from 0 up to 1. */
export function chance(seed) {
  let drawn = 0;
  return () => createHash("sha256").update(`${seed} ${(drawn += 1)}`).digest().readUInt32BE() / 2 ** 32;
}
