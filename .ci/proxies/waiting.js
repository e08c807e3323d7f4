// Waits that end.

const DEADLINE = 20_000; // for every wait

/** Returns a promise that fails with the description if the given one takes too long. */
export function within(promise, description) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${description}: not seen in ${DEADLINE} ms`)), DEADLINE);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** A queue of events that can be waited for. */
export class Queue {
  #waiting = [];
  #entries = [];

  push(entry) {
    const next = this.#waiting.shift();
    if (next) next(entry);
    else this.#entries.push(entry);
  }

  next(description) {
    if (this.#entries.length > 0) return Promise.resolve(this.#entries.shift());
    return within(new Promise((resolve) => this.#waiting.push(resolve)), description);
  }
}
