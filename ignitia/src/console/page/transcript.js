// Entries of the log as texts: for the clipboard, for files, for screen readers.

import { bytes, clock, hex, milliseconds, visible } from "./format.js";
import { stringify } from "./json.js";

export const ARROWS = { sent: "↑", received: "↓", note: "·" };

/** Returns the text of an entry, or its bytes in hexadecimal. */
export const contentOf = ({ bytes: binary, text }) => (binary ? hex(binary) : text);

/** Returns an entry as a line of text. */
export const asLine = (entry) => `${clock(entry.time)} ${ARROWS[entry.direction]} ${contentOf(entry)}`;

/** Returns an entry as a line of JSON. */
export function asJson({ time, direction, kind, id, size, elapsed, text, bytes: binary, problems }) {
  return stringify({
    time: new Date(time).toISOString(),
    direction,
    kind: direction === "note" ? undefined : kind,
    id,
    size,
    elapsed,
    ...(binary ? { hex: hex(binary) } : { text }),
    problems: problems.length > 0 ? problems.map(({ path, message }) => ({ path, message })) : undefined,
  });
}

/** Describes an entry in words. */
export function describe({ direction, kind, id, size, elapsed, text, problems }) {
  if (direction === "note") return text;
  const facts = [
    `${direction === "sent" ? "Sent" : "Received"} ${visible(kind)}`,
    id !== undefined && `id ${id}`,
    bytes(size),
    elapsed !== undefined && `after ${milliseconds(elapsed)}`,
    problems.length > 0 && `malformed: ${problems[0].message}`,
  ];
  return facts.filter(Boolean).join(", ");
}
