// Compression with real clients: what each of them offers by default, what is agreed on, and what goes over the wire then.
//
//     .ci/clients/install && cargo build --example browser-server
//     node .ci/clients/test.js target/debug [<client> ..]
//
// The browsers are Debian's: `apt-get install chromium firefox-esr webkit2gtk-driver xvfb`.
//
// A proxy between client and server counts the bytes, and sees without TLS which messages are compressed.

import assert from "node:assert/strict";

import { altogether } from "../browser/altogether.js";
import { check } from "../browser/harness.js";
import { startServer } from "../browser/matrix/server.js";
import { endpoint } from "../browser/matrix/transports.js";
import { clients } from "./clients.js";
import { countingProxy } from "./counting_proxy.js";
import { MIN_SIZE, messages } from "./messages.js";
import { assertBytes, assertFrames } from "./wire.js";

const ALTOGETHER = 180_000;
/** How many clients run at the same time. */
const LANES = 2;

const EACH_BY_ITSELF = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

/** What the server answers, by mode, and then by offer. */
const ANSWERS = {
  off: {},
  shared: {
    "permessage-deflate; client_max_window_bits": EACH_BY_ITSELF,
    "permessage-deflate": EACH_BY_ITSELF,
  },
  // A client whose window cannot be limited has to do without what came before: it would have to be kept in full.
  "dedicated/9": {
    "permessage-deflate; client_max_window_bits": "permessage-deflate; client_max_window_bits=9",
    "permessage-deflate": "permessage-deflate; client_no_context_takeover",
  },
  "dedicated/12": {
    "permessage-deflate; client_max_window_bits": "permessage-deflate; client_max_window_bits=12",
    "permessage-deflate": "permessage-deflate; client_no_context_takeover",
  },
  "dedicated/15": {
    "permessage-deflate; client_max_window_bits": "permessage-deflate; client_max_window_bits=15",
    "permessage-deflate": "permessage-deflate",
  },
};
/** The mode in which the server compresses binary messages as well. */
const WITH_BINARY = "dedicated/15";

/** Bits of the window with what one side has sent before; null if it has to do without. */
function contextBits(answer, side) {
  if (answer.includes(`${side}_no_context_takeover`)) return null;
  return Number(new RegExp(`${side}_max_window_bits=(\\d+)`).exec(answer)?.[1] ?? 15);
}

/** The bits of the server's window: those of its mode, which it does not mention unless it is asked. */
function serverBits(mode, answer) {
  const bits = contextBits(answer, "server");
  return bits && Math.min(bits, Number(mode.split("/")[1] ?? bits));
}

/** One client over one transport, in all modes. */
async function exchanges(name, server, transport) {
  const { start, offer, tells, compresses, fragments } = clients[name];
  const proxy = await countingProxy(server.origins[transport.scheme].port);
  const origin = new URL(`${transport.scheme}://127.0.0.1:${proxy.port}`);
  const client = await start(origin, transport.switches);
  try {
    console.log(`--   ${client.version} over ${transport.name}`);
    const sent = [...messages.oneByOne, ...messages.atOnce, ...(fragments ? messages.inFragments : [])];
    for (const mode of Object.keys(ANSWERS)) {
      await check(`${name}, ${transport.name}, ${mode}: as stated it is agreed on, and messages come back`, async () => {
        const answer = ANSWERS[mode][offer] ?? null;
        const { url, handshake, end } = endpoint(server, origin, `/compression/${mode}`);
        const before = proxy.bytes();
        const seen = await client.exchange(url);
        assert.deepEqual(seen, { extensions: tells(answer ?? ""), wrong: [], unread: 0, code: 1000, wasClean: true });

        const { version, status, extensions: answered, "sec-websocket-extensions": offered } = await handshake();
        assert.deepEqual(
          { version, status, offered, answered },
          { version: transport.version, status: transport.status, offered: offer, answered: answer },
        );
        const { kind, code, clean, unsent, compression = null } = await end();
        assert.deepEqual(
          { kind, code, clean, unsent, compression },
          { kind: "Peer", code: 1000, clean: true, unsent: 0, compression: answer },
        );

        const clientCompresses = answer ? compresses[contextBits(answer, "client") ? "inContext" : "alone"] : () => false;
        const serverCompresses = ({ text, bytes, isIncompressible }) =>
          answer !== null && bytes >= MIN_SIZE && !isIncompressible && (text !== undefined || mode === WITH_BINARY);
        const after = proxy.bytes();
        assertBytes("client to server", after.sent - before.sent, sent, clientCompresses);
        assertBytes("server to client", after.received - before.received, sent, serverCompresses);
        const frames = proxy.webSocket(new URL(url).search);
        if (transport.scheme === "https") return assert.equal(frames, undefined);
        assertFrames("client to server", frames.sent, sent, clientCompresses, answer && contextBits(answer, "client"));
        assertFrames("server to client", frames.received, sent, serverCompresses, answer && serverBits(mode, answer));
        assert.deepEqual([frames.received.pings, frames.sent.pongs], [sent.length, sent.length], "a pong for each ping");
      });
    }
  } finally {
    await client.close();
    proxy.end();
  }
}

const wanted = process.argv.slice(3);
const unknown = wanted.filter((name) => !(name in clients));

const passed = await altogether(ALTOGETHER, async () => {
  assert.deepEqual(unknown, [], `the clients are ${Object.keys(clients).join(", ")}`);
  const server = await startServer();
  const queue = (wanted.length ? wanted : Object.keys(clients)).flatMap((name) =>
    clients[name].transports.map((transport) => [name, transport]),
  );
  const lane = async () => {
    for (let next; (next = queue.shift()); ) {
      const [name, transport] = next;
      await exchanges(name, server, transport).catch((error) =>
        check(`${name}, ${transport.name}`, () => Promise.reject(error)),
      );
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  await check("the server ends well", () => server.stop());
});

process.exit(passed ? 0 : 1);
