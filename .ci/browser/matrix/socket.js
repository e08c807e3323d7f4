// Runs in the page: a WebSocket whose events can be waited for.

class Talk {
  #arrived = [];
  #waiting = [];
  errors = 0;

  constructor(url, { protocols = [], binaryType = "arraybuffer" } = {}) {
    this.socket = new WebSocket(url, protocols);
    this.socket.binaryType = binaryType;
    this.opened = new Promise((resolve, reject) => {
      this.socket.addEventListener("open", () => resolve(this));
      this.socket.addEventListener("close", ({ code }) => reject(new Error(`${url} ended with ${code} before it was open`)));
    });
    this.opened.catch(() => {});
    this.ended = new Promise((resolve) =>
      this.socket.addEventListener("close", ({ code, reason, wasClean }) =>
        resolve({ code, reason, wasClean, errors: this.errors }),
      ),
    );
    this.socket.addEventListener("error", () => (this.errors += 1));
    this.socket.addEventListener("message", ({ data }) => {
      const waiting = this.#waiting.shift();
      if (waiting) waiting.resolve(data);
      else this.#arrived.push(data);
    });
    this.ended.then(({ code, reason }) => {
      for (const waiting of this.#waiting) waiting.reject(new Error(`${url} ended with ${code} (${reason})`));
    });
  }

  /** The next message. */
  next() {
    if (this.#arrived.length > 0) return Promise.resolve(this.#arrived.shift());
    if (this.socket.readyState === WebSocket.CLOSED) return Promise.reject(new Error("it has ended"));
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /** What came and was not asked for. */
  get unread() {
    return this.#arrived.length;
  }

  send(data) {
    this.socket.send(data);
  }

  close(...end) {
    this.socket.close(...end);
    return this.ended;
  }
}

/** A connection that is open. */
globalThis.dial = (url, options) => new Talk(url, options).opened;

/** A connection that may not come to be. */
globalThis.attempt = (url, options) => new Talk(url, options);
