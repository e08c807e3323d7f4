// A clock, a network and a page that the tests move by hand.

import { install } from "@sinonjs/fake-timers";

import { connect } from "./runtime.js";

/** A WebSocket whose server is the test. */
class FakeSocket {
  readyState = 0;
  binaryType = "blob";
  onopen = null;
  onmessage = null;
  onclose = null;
  /** Number of bytes that wait to be sent. */
  bufferedAmount = 0;
  /** Texts that the client has sent. */
  sent = [];
  /** Code and reason with which the client has closed it. */
  closed = null;

  constructor(url, protocols) {
    this.url = new URL(url);
    this.protocols = protocols;
  }

  send(text) {
    if (this.readyState === 0) throw new Error("sent before it is open");
    if (this.readyState === 1) this.sent.push(text);
  }

  close(code, reason) {
    if (code !== undefined && code !== 1000 && (code < 3000 || code > 4999)) throw new Error("invalid code");
    this.closed ??= { code, reason };
    this.readyState = Math.max(this.readyState, 2);
  }

  get messages() {
    return this.sent.map((text) => JSON.parse(text));
  }

  open() {
    this.readyState = 1;
    this.onopen?.({});
  }

  say(...messages) {
    for (const message of messages) this.sayData(JSON.stringify(message));
  }

  sayData(data) {
    this.onmessage?.({ data });
  }

  end(code, reason = "") {
    this.readyState = 3;
    this.onclose?.({ code, reason });
  }
}

/** The events of a page. */
export class FakePage {
  #listeners = new Set();
  isVisible = true;

  constructor() {
    const page = this;
    const addEventListener = (type, listener, { signal }) => {
      const entry = { type, listener };
      this.#listeners.add(entry);
      signal.addEventListener("abort", () => this.#listeners.delete(entry));
    };
    this.globals = {
      addEventListener,
      document: { addEventListener, get visibilityState() { return page.isVisible ? "visible" : "hidden"; } },
      location: { origin: "https://example.org" },
      navigator: { onLine: true },
    };
  }

  get listeners() {
    return this.#listeners.size;
  }

  tell(type, event = {}) {
    for (const entry of [...this.#listeners]) if (entry.type === type) entry.listener(event);
  }

  show(isVisible) {
    this.isVisible = isVisible;
    this.tell("visibilitychange");
  }
}

/** Replaces globals until the test ends. */
function replaceGlobals(test, globals) {
  for (const [name, value] of Object.entries(globals)) {
    const before = Object.getOwnPropertyDescriptor(globalThis, name);
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
    test.after(() => {
      if (before) Object.defineProperty(globalThis, name, before);
      else delete globalThis[name];
    });
  }
}

/** A world for one test: `random` is what `Math.random` returns in it. */
export function fakeWorld(test, { page = null, random = 0.5 } = {}) {
  const clock = install({ toFake: ["setTimeout", "clearTimeout", "performance", "Date"], now: 1_700_000_000_000 });
  test.after(() => clock.uninstall());
  const sockets = [];
  class WebSocket extends FakeSocket {
    constructor(url, protocols) {
      super(url, protocols);
      sockets.push(this);
    }
  }
  replaceGlobals(test, { WebSocket, ...page?.globals });
  const world = {
    clock,
    sockets,
    /** The socket of the latest attempt. */
    get socket() {
      return sockets.at(-1);
    },
    /** Lets time pass, and what follows from it happen. */
    pass: (milliseconds) => clock.tickAsync(milliseconds),
    /** Lets happen what needs no time. */
    settle: () => clock.tickAsync(0),
    /** Freezes the program: time passes, but nothing runs. */
    freeze: (milliseconds) => clock.jump(milliseconds),
    connect(name, options) {
      const client = connect(name, { ...(page ? {} : { url: "ws://example.org" }), ...options });
      client.states = [client.state];
      client.onState((state) => client.states.push(state));
      test.after(() => client.close());
      return client;
    },
    /** Returns a client of `room` with an open connection. */
    async open(options) {
      const client = world.connect("room", { path: { room: "lobby" }, query: { token: "t" }, ...options });
      await world.settle();
      world.socket.open();
      return client;
    },
    /** Lets time pass until the client makes the next attempt. */
    async nextAttempt() {
      const { length } = sockets;
      const late = Date.now() + 60_000;
      while (sockets.length === length) {
        if (clock.countTimers() === 0 || Date.now() > late) throw new Error("there is no attempt");
        await clock.nextAsync();
      }
    },
    /** Ends the connection, and opens the one that follows. */
    async comeBack(code = 1006) {
      world.socket.end(code);
      await world.nextAttempt();
      world.socket.open();
    },
  };
  world.random = random;
  test.mock.method(Math, "random", () => world.random);
  return world;
}

