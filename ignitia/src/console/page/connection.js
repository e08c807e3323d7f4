// One WebSocket, from the attempt to its end. All that happens to it is in the log.

import { describeEnd } from "./close_codes.js";
import { stringify } from "./json.js";

/** A connection that reports its state: "connecting", "open", "closing", "closed". */
export class Connection extends EventTarget {
  #socket;
  #log;
  #endpoint;
  #wasAskedHere = false;
  state = "connecting";
  /** True once the server has refused the handshake, or was not there. */
  wasRefused = false;

  /** Starts to connect. Throws an error if the browser refuses a subprotocol or the URL. */
  constructor(endpoint, log, { url, subprotocols, cookies }) {
    super();
    this.#endpoint = endpoint;
    this.#log = log;
    const jar = cookieJar(cookies, new URL(url).pathname);
    jar.add();
    try {
      this.#socket = new WebSocket(url, subprotocols);
    } finally {
      // The request takes its cookies when it is sent, which is later.
      if (!this.#socket) jar.remove();
    }
    this.#socket.binaryType = "arraybuffer";
    for (const type of ["open", "close"]) this.#socket.addEventListener(type, jar.remove);
    log.addNote(`Connecting to ${url}`);
    let hasOpened = false;
    this.#on("open", () => {
      hasOpened = true;
      const { protocol } = this.#socket;
      log.addNote(protocol ? `Open, with the subprotocol ${protocol}` : "Open", "good");
      this.#change("open");
    });
    this.#on("message", ({ data }) => this.#receive(data));
    this.#on("close", ({ code, reason, wasClean }) => {
      this.#end({ code, reason, wasClean, hasOpened, wasAskedHere: this.#wasAskedHere });
    });
  }

  /** Sends a text, or bytes. */
  send(data) {
    this.#socket.send(data);
    return this.#log.addSent(data);
  }

  /** Starts the closing handshake. Throws an error for what a page may not send. */
  close(code, reason) {
    this.#socket.close(code, reason);
    this.#wasAskedHere = true;
    this.#log.addNote(`Closing with ${code}${reason ? `, “${reason}”` : ""}`);
    this.#change("closing");
  }

  /** Stops waiting for the end of the closing handshake. */
  abandon() {
    this.#socket = null;
    this.#log.addNote("Abandoned: the server has not answered the closing handshake.", "bad");
    this.#log.endRequests();
    this.#change("closed");
  }

  /** Adds a listener that hears nothing of a connection that was abandoned. */
  #on(type, listener) {
    const socket = this.#socket;
    socket.addEventListener(type, (event) => this.#socket === socket && listener(event));
  }

  #receive(data) {
    const entry = this.#log.addReceived(data);
    if (entry.kind !== "$ping" || this.state !== "open") return;
    const { id } = this.#endpoint;
    const repeated = id !== null && entry.id !== undefined ? { [id]: entry.id } : {};
    this.send(stringify({ type: "$pong", ...repeated }));
  }

  #end(end) {
    const { hasOpened, wasAskedHere, code } = end;
    this.wasRefused = !hasOpened && !wasAskedHere;
    if (hasOpened) {
      const isNormal = wasAskedHere || code === 1000 || code === 1001;
      this.#log.addNote(describeEnd(end), isNormal ? "" : "bad");
    } else if (wasAskedHere) {
      this.#log.addNote("Given up before it was open.", "bad");
    }
    this.#log.endRequests();
    this.#change("closed");
  }

  #change(state) {
    this.state = state;
    this.dispatchEvent(new Event("state"));
  }
}

/** Returns ways to add cookies for the requests of a path, `a=1; b=2`, and to remove them again. */
function cookieJar(cookies, path) {
  const pairs = cookies
    .split(";")
    .map((pair) => pair.trim())
    .filter((pair) => pair !== "");
  const set = (pair, rest) => (document.cookie = `${pair}; Path=${path}; SameSite=Strict${rest}`);
  return {
    add: () => pairs.forEach((pair) => set(pair, "")),
    remove: () => pairs.forEach((pair) => set(`${pair.split("=")[0]}=`, "; Max-Age=0")),
  };
}
