// Close codes, and what they mean.

const MEANINGS = {
  1000: "normal",
  1001: "going away",
  1002: "protocol error",
  1003: "unsupported data",
  1005: "no code was given",
  1006: "no closing handshake",
  1007: "invalid data",
  1008: "policy violation",
  1009: "message too big",
  1010: "extension missing",
  1011: "internal error",
  1012: "the server restarts",
  1013: "try again later: overloaded, or this peer lagged",
  1014: "bad gateway",
  3000: "unauthorized",
  3003: "forbidden",
  3008: "timeout: no pong, or idle",
};

/** Returns the meaning of a close code. */
export function meaningOf(code) {
  if (MEANINGS[code]) return MEANINGS[code];
  return code >= 4000 ? "the application's own" : "unknown";
}

/** Returns a sentence about the end of a connection that was open. */
export function describeEnd({ code, reason, wasAskedHere, wasClean }) {
  if (!wasClean) return `Lost (${code}): the connection ended without a closing handshake.`;
  const words = reason && reason !== meaningOf(code) ? `, “${reason}”` : "";
  return `Closed by ${wasAskedHere ? "this page" : "the server"}: ${code} ${meaningOf(code)}${words}.`;
}
