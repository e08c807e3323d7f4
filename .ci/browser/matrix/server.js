// The server of the matrix, and what it says about handshakes and ends.

import { EventEmitter, once } from "node:events";

import { within } from "../harness.js";
import { run } from "../programs.js";

/** Starts it with these variables, at the ports of another one if that is given. */
export async function startServer({ at, ...variables } = {}) {
  const told = { handshake: new Map(), end: new Map() };
  const news = new EventEmitter();
  if (at) {
    const [http, https, numbers] = at.urls;
    Object.assign(variables, { PORT: http.port, TLS_PORT: https.port, NUMBERS_PORT: numbers.port });
  }
  const program = await run("examples/browser-server", variables, (line) => {
    const { tag, ...facts } = JSON.parse(line);
    for (const [kind, fact] of Object.entries(facts)) {
      told[kind].set(tag, fact);
      news.emit(`${kind} of ${tag}`);
    }
  });
  const known = async (kind, tag) => {
    const name = `${kind} of ${tag}`;
    if (!told[kind].has(tag)) await within(once(news, name), `the ${name}, as the server has it`);
    return told[kind].get(tag);
  };
  const [http, https, numbers] = program.urls;
  return {
    ...program,
    /** Where pages are had from, by scheme. */
    origins: { http, https },
    /** Where the room of numbers is. */
    numbers,
    /** The request as it came, and the status that it was answered with. */
    handshake: (tag) => known("handshake", tag),
    /** Why the connection ended. */
    end: (tag) => known("end", tag),
  };
}
