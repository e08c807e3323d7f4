// A WebSocket that comes back: exponential back-off with full jitter, and no attempt where none can help.

const FIRST_WINDOW = 500; // ms; doubled with every attempt, up to
const LAST_WINDOW = 30_000;
const STABLE = 10_000; // a connection that was open for so long starts the back-off anew
const CONNECT_TIMEOUT = 10_000;

const LOST = 1006; // what browsers say where there was no close frame, or no connection at all
const RESTART = 1012; // the service is about to be back
const TRY_AGAIN_LATER = 1013; // the service is overloaded

// Done, a rule was broken, not logged in, not allowed: the next attempt would end the same way.
const FINAL = new Set([1000, 1008, 3000, 3003]);

/** How many milliseconds to wait before attempt number `attempt` (from 0), after a close with `code`. */
export function backOff(attempt, code, random = Math.random()) {
  const window = Math.min(FIRST_WINDOW * 2 ** attempt, LAST_WINDOW);
  switch (code) {
    // Everybody was sent away at the same moment: not everybody should come back at the same moment.
    case RESTART: return random * Math.max(window, 2_000);
    case TRY_AGAIN_LATER: return 10_000 + random * 20_000;
    default: return random * window;
  }
}

/** A state as `ReconnectingSocket` reports it, in words. */
export function describe({ name, seconds, code, reason }) {
  const words = reason || (code === LOST ? "no connection" : "");
  const why = code ? ` (${code}${words && ": "}${words})` : "";
  switch (name) {
    case "reconnecting": return `reconnecting in ${seconds} s${why}`;
    case "closed": return `closed${why}`;
    default: return name;
  }
}

/**
 * `url` may be a function: it is asked before every attempt. `onState` is told every change, as one of
 *
 *     { name: "connecting" }
 *     { name: "open" }
 *     { name: "reconnecting", seconds, code, reason }
 *     { name: "closed", code, reason }                  for good, unless `reconnect()` is called
 *
 * and `onMessage` gets the data of every message. A browser does not tell why a handshake was refused: `refusal`,
 * where given, is awaited after an attempt that failed, and may return `{ code, reason }` to give up with.
 */
export class ReconnectingSocket {
  #url;
  #onState;
  #onMessage;
  #refusal;
  #socket = null; // events of any other socket are stale
  #timer = 0;
  #attempt = 0;
  #left = false; // the page was left while it had a connection, or waited for one

  constructor(url, { onState, onMessage, refusal = async () => null }) {
    this.#url = typeof url === "function" ? url : () => url;
    this.#onState = onState;
    this.#onMessage = onMessage;
    this.#refusal = refusal;
    // The network is back: no need to sit out the wait.
    addEventListener("online", () => this.#timer && this.reconnect());
    // A page that is left may be kept, frozen, to be shown again: the browser would answer pings for it, and nobody read what
    // comes. The others should not see us there meanwhile.
    addEventListener("pagehide", () => this.#leave());
    addEventListener("pageshow", ({ persisted }) => persisted && this.#left && this.reconnect());
    this.#open();
  }

  /** Whether the message was handed to an open connection. That it arrived, only an answer can tell. */
  send(data) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(data);
    return true;
  }

  /** Connects now, if it waits to or has given up. */
  reconnect() {
    if (this.#socket) return;
    this.#left = false;
    this.#attempt = 0;
    this.#open();
  }

  /** Closes for good. */
  close(code = 1000, reason = "") {
    const socket = this.#socket;
    this.#giveUp(code, reason);
    socket?.close(code, reason);
  }

  #open() {
    this.#stopTimer();
    this.#onState({ name: "connecting" });
    const url = new URL(this.#url(), location.href);
    url.protocol = url.protocol === "https:" || url.protocol === "wss:" ? "wss:" : "ws:";
    const socket = (this.#socket = new WebSocket(url));
    let openSince = null;
    const slow = setTimeout(() => socket.close(), CONNECT_TIMEOUT);
    socket.onopen = () => {
      clearTimeout(slow);
      if (socket !== this.#socket) return;
      openSince = performance.now();
      this.#onState({ name: "open" });
    };
    socket.onmessage = ({ data }) => socket === this.#socket && this.#onMessage(data);
    socket.onclose = async ({ code, reason }) => {
      clearTimeout(slow);
      // The socket stays the current one while we ask, so that nothing else is begun meanwhile.
      const refused = openSince === null && socket === this.#socket ? await this.#refusal().catch(() => null) : null;
      if (socket !== this.#socket) return;
      if (refused) return this.#giveUp(refused.code, refused.reason);
      if (FINAL.has(code)) return this.#giveUp(code, reason);
      if (openSince !== null && performance.now() - openSince >= STABLE) this.#attempt = 0;
      this.#socket = null;
      this.#wait(backOff(this.#attempt++, code), code, reason);
    };
  }

  #wait(delay, code, reason) {
    const due = performance.now() + delay;
    const tick = () => {
      const left = due - performance.now();
      if (left <= 0) return this.#open();
      this.#onState({ name: "reconnecting", seconds: Math.ceil(left / 1000), code, reason });
      this.#timer = setTimeout(tick, left % 1000 || 1000); // when the number of seconds changes
    };
    tick();
  }

  #leave() {
    this.#left ||= Boolean(this.#socket || this.#timer);
    this.#stopTimer();
    const socket = this.#socket;
    this.#socket = null;
    socket?.close(1000, "the page was left");
  }

  #giveUp(code, reason) {
    this.#stopTimer();
    this.#socket = null;
    this.#onState({ name: "closed", code, reason });
  }

  #stopTimer() {
    clearTimeout(this.#timer);
    this.#timer = 0;
  }
}

/** Shows states in an element, with a button that connects now where that can help. */
export function stateView(element, button, reconnect) {
  button.addEventListener("click", reconnect);
  return (state) => {
    element.dataset.state = state.name;
    element.textContent = describe(state);
    button.hidden = state.name !== "reconnecting" && state.name !== "closed";
  };
}
