// Messages that were saved under a name.

const KEY = "ignitia-console-snippets";

/** The snippets of all endpoints. A page that may store nothing keeps them until it is closed. */
export class Snippets {
  #snippets = [];
  isStored = true;

  constructor() {
    this.#load();
  }

  of(endpoint) {
    return this.#snippets.filter((snippet) => snippet.endpoint === endpoint);
  }

  /** Adds a snippet. It replaces the one that has the same name. */
  save(snippet) {
    this.#load();
    this.#snippets = [...this.#without(snippet), snippet];
    this.#store();
  }

  remove(snippet) {
    this.#load();
    this.#snippets = this.#without(snippet);
    this.#store();
  }

  #without({ endpoint, name }) {
    return this.#snippets.filter((it) => it.endpoint !== endpoint || it.name !== name);
  }

  /** Loads what is stored, which another tab may have changed. */
  #load() {
    if (!this.isStored) return;
    try {
      this.#snippets = JSON.parse(localStorage.getItem(KEY) ?? "[]").filter(isSnippet);
    } catch {
      this.isStored = false;
    }
  }

  #store() {
    try {
      localStorage.setItem(KEY, JSON.stringify(this.#snippets));
    } catch {
      this.isStored = false;
    }
  }
}

/** Returns true for an entry of use: other pages of the origin may have written others. */
const isSnippet = (entry) =>
  ["name", "endpoint", "kind", "text"].every((field) => typeof entry?.[field] === "string");
