// The clients: how each is started, what it offers, and what it makes of the answer. Nobody promises any of that: what is
// stated is what these versions do.

import { transports } from "../browser/matrix/transports.js";
import { firefoxPage } from "./firefox.js";
import { chromiumPage } from "./pages.js";
import { bunProgram, denoProgram, nodeProgram, pythonProgram } from "./programs.js";
import { webkitPage } from "./webkit.js";

const [plain, , overHttp2] = transports;

/** An offer to limit the client's window. */
const LIMITS_WINDOW = "permessage-deflate; client_max_window_bits";

const each = () => true;
const none = () => false;
const nonEmpty = ({ bytes }) => bytes > 0;

/**
 * - `offer` is the Sec-WebSocket-Extensions of its request.
 * - `tells` returns what its program is told of the response's.
 * - `compresses` are the messages that it compresses: `alone` if each is compressed by itself, else `inContext`.
 * - `fragments` is true if it sends messages in fragments when told to.
 */
export const clients = {
  chromium: {
    start: (url, switches) => chromiumPage(url, ...switches),
    transports,
    offer: LIMITS_WINDOW,
    tells: (answer) => answer,
    compresses: { alone: each, inContext: each },
  },
  firefox: {
    start: firefoxPage,
    transports: [plain, overHttp2],
    offer: "permessage-deflate",
    tells: (answer) => answer && "permessage-deflate",
    compresses: { alone: ({ isIncompressible }) => !isIncompressible, inContext: nonEmpty },
  },
  webkit: {
    start: webkitPage,
    transports: [plain],
    offer: LIMITS_WINDOW,
    tells: (answer) => answer,
    compresses: { alone: nonEmpty, inContext: nonEmpty },
  },
  /** The WebSocket of the Node.js that runs this; before version 22 it is behind a flag. */
  node: {
    start: () => nodeProgram("--no-warnings", "--experimental-websocket", "program.js", "node"),
    transports: [plain],
    offer: LIMITS_WINDOW,
    tells: (answer) => answer,
    compresses: { alone: none, inContext: none },
  },
  /** The WebSocket of Node.js 24, as a package. */
  undici: {
    start: () => nodeProgram("program.js", "undici"),
    transports: [plain],
    offer: LIMITS_WINDOW,
    tells: (answer) => answer,
    compresses: { alone: none, inContext: none },
  },
  ws: {
    start: () => nodeProgram("program.js", "ws"),
    transports: [plain],
    offer: LIMITS_WINDOW,
    tells: (answer) => answer && "permessage-deflate",
    // Of a message in fragments only the first one counts, which is empty here.
    compresses: { alone: ({ bytes, parts }) => bytes >= 1_024 && !parts, inContext: each },
    fragments: true,
  },
  deno: {
    start: denoProgram,
    transports: [plain],
    offer: null,
    tells: (answer) => answer,
    compresses: { alone: none, inContext: none },
  },
  bun: {
    start: bunProgram,
    transports: [plain],
    offer: LIMITS_WINDOW,
    tells: (answer) => answer.replace("; client_max_window_bits=15", ""),
    compresses: { alone: ({ bytes }) => bytes > 1_000, inContext: ({ bytes }) => bytes > 1_000 },
  },
  websockets: {
    start: pythonProgram,
    transports: [plain],
    offer: LIMITS_WINDOW,
    tells: (answer) => answer,
    compresses: { alone: each, inContext: each },
    fragments: true,
  },
};
