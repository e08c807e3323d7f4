// A WebSocket that reconnects, with exponential back-off and full jitter, unless another attempt is
// useless.

const FIRST_WINDOW = 500; // ms, doubled with every attempt up to
const LAST_WINDOW = 30_000;
const STABLE = 10_000; // ms for which a connection must be open to reset the back-off
const CONNECT_TIMEOUT = 10_000;

const RESTART = 1012; // the service restarts
const TRY_AGAIN_LATER = 1013; // the service is overloaded

// Normal, policy violation, unauthorized, forbidden: another attempt would end the same way.
const FINAL = new Set([1000, 1008, 3000, 3003]);

/** Returns the milliseconds before attempt number `attempt` (from 0), after a close with `code`. */
export function backOff(attempt, code, random = Math.random()) {
  const window = Math.min(FIRST_WINDOW * 2 ** attempt, LAST_WINDOW);
  switch (code) {
    // All clients were closed at the same moment, and must not reconnect at the same moment.
    case RESTART: return random * Math.max(window, 2_000);
    case TRY_AGAIN_LATER: return 10_000 + random * 20_000;
    default: return random * window;
  }
}

/**
 * `url` may be a function, called before every attempt. `onState` receives every change as one of
 *
 *     { name: "connecting" }
 *     { name: "open" }
 *     { name: "reconnecting", seconds, code, reason }
 *     { name: "closed", code, reason }                  for good, unless `reconnect()` is called
 *
 * and `onMessage` the data of every message. Browsers hide the reason of a refused handshake:
 * `refusal`, if given, is awaited after a failed attempt, and may return `{ code, reason }` to
 * give up.
 */
export class ReconnectingSocket {
  #url;
  #onState;
  #onMessage;
  #refusal;
  #socket = null; // the current socket; events of others are ignored
  #timer = 0;
  #attempt = 0;
  #left = false; // the page was left while it had a connection, or waited for one

  constructor(url, { onState, onMessage, refusal = async () => null }) {
    this.#url = typeof url === "function" ? url : () => url;
    this.#onState = onState;
    this.#onMessage = onMessage;
    this.#refusal = refusal;
    // The network is available again: reconnect at once.
    addEventListener("online", () => this.#timer && this.reconnect());
    // A browser may keep a page that is left, frozen, to show it again. It would answer pings, but
    // no script would read messages, and other members would still see this one.
    addEventListener("pagehide", () => this.#leave());
    addEventListener("pageshow", ({ persisted }) => persisted && this.#left && this.reconnect());
    this.#open();
  }

  /** Sends on an open connection, else returns false. Only a reply confirms the arrival. */
  send(data) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(data);
    return true;
  }

  /** Connects now, if it waits or has given up. */
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
      // The socket stays the current one meanwhile, so that no other attempt starts.
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
      this.#timer = setTimeout(tick, left % 1000 || 1000); // at the next change of the seconds
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
