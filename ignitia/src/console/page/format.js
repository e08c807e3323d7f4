// Names, times, sizes and bytes, as people read them.

/** Returns a name, in quotes if it would not be seen. */
export const visible = (name) => (/^\s|^$|\s$/.test(name) ? JSON.stringify(name) : name);

/** Writes a size. */
export function bytes(size) {
  if (size < 1024) return `${size} B`;
  const [amount, unit] = size < 1024 ** 2 ? [size / 1024, "KiB"] : [size / 1024 ** 2, "MiB"];
  return `${amount.toFixed(1).replace(".0", "")} ${unit}`;
}

/** Writes a time of the day, to the millisecond. */
export function clock(time) {
  const date = new Date(time);
  const padded = (number, digits = 2) => String(number).padStart(digits, "0");
  const seconds = `${padded(date.getSeconds())}.${padded(date.getMilliseconds(), 3)}`;
  return `${padded(date.getHours())}:${padded(date.getMinutes())}:${seconds}`;
}

export const milliseconds = (time) => `${time < 10 ? time.toFixed(1) : Math.round(time)} ms`;

export const plural = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;

/** Writes bytes in hexadecimal. */
export const hex = (binary) => Array.from(binary, (byte) => byte.toString(16).padStart(2, "0")).join(" ");

/** Writes bytes as lines of sixteen, with their offset and their characters. */
export function hexDump(binary) {
  const lines = [];
  for (let offset = 0; offset < binary.length; offset += 16) {
    const line = binary.subarray(offset, offset + 16);
    const characters = Array.from(line, (byte) =>
      byte > 31 && byte < 127 ? String.fromCharCode(byte) : ".",
    );
    lines.push(`${offset.toString(16).padStart(6, "0")}  ${hex(line).padEnd(47)}  ${characters.join("")}`);
  }
  return lines.join("\n");
}
