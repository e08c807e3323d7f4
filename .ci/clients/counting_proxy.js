// A proxy between a client and the server: it counts bytes, and reads the headers of the frames that are not encrypted.

import { once } from "node:events";
import { connect, createServer } from "node:net";

const LONGEST_HEADER = 14;

/** One direction of a connection: after a head of HTTP/1.1 that agrees on WebSocket, frames. */
class FrameReader {
  /** What is not enough yet: of the head, or of a frame's header. */
  #pending = Buffer.alloc(0);
  /** Bytes of the frame's payload that are still to come. */
  #left = 0;
  bytes = 0;
  head = "";
  /** The data messages, as `{ isCompressed, frames, bytes }`: `bytes` are those of the payloads. */
  messages = [];
  pings = 0;
  pongs = 0;

  push(data) {
    this.bytes += data.length;
    if (this.head === "") {
      this.#pending = Buffer.concat([this.#pending, data]);
      const end = this.#pending.indexOf("\r\n\r\n");
      if (end < 0) return;
      this.head = this.#pending.toString("latin1", 0, end);
      data = this.#pending.subarray(end + 4);
      this.#pending = Buffer.alloc(0);
    }
    if (!/^upgrade: *websocket/im.test(this.head)) return;
    while (data.length > 0) {
      const skipped = Math.min(this.#left, data.length);
      this.#left -= skipped;
      data = data.subarray(skipped);
      if (data.length > 0) data = this.#header(data);
    }
  }

  /** Takes a frame's header, or what there is of it, and returns what follows. */
  #header(data) {
    const header = Buffer.concat([this.#pending, data.subarray(0, LONGEST_HEADER)]);
    const length = header.length < 2 ? 0 : header[1] & 0x7f;
    const masked = header.length >= 2 && (header[1] & 0x80) !== 0;
    const size = 2 + (length === 127 ? 8 : length === 126 ? 2 : 0) + (masked ? 4 : 0);
    const rest = data.subarray(size - this.#pending.length);
    if (header.length < size) {
      this.#pending = header;
      return rest;
    }
    this.#pending = Buffer.alloc(0);
    this.#left = length === 127 ? Number(header.readBigUInt64BE(2)) : length === 126 ? header.readUInt16BE(2) : length;
    this.#frame(header[0]);
    return rest;
  }

  #frame(first) {
    const opcode = first & 0x0f;
    if (opcode === 9) this.pings += 1;
    if (opcode === 10) this.pongs += 1;
    if (opcode >= 8) return;
    if (opcode > 0) this.messages.push({ isCompressed: (first & 0x40) !== 0, frames: 0, bytes: 0 });
    const message = this.messages.at(-1);
    message.frames += 1;
    message.bytes += this.#left;
  }
}

/** Starts a proxy to a local port. */
export async function countingProxy(port) {
  const connections = [];
  const sockets = new Set();
  const proxy = createServer((client) => {
    const server = connect(port, "127.0.0.1");
    const [sent, received] = [new FrameReader(), new FrameReader()];
    connections.push({ sent, received });
    for (const [from, to, reader] of [[client, server, sent], [server, client, received]]) {
      sockets.add(from);
      from.setNoDelay(true);
      from.on("data", (data) => reader.push(data));
      from.pipe(to);
      from.on("error", () => to.destroy());
      from.on("close", () => sockets.delete(from));
    }
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  return {
    port: proxy.address().port,
    /** Bytes so far, in both directions. */
    bytes() {
      const total = (way) => connections.reduce((sum, connection) => sum + connection[way].bytes, 0);
      return { sent: total("sent"), received: total("received") };
    },
    /** What the WebSocket with this query sent and received, if it was not encrypted. */
    webSocket: (query) => connections.find(({ sent }) => sent.head.includes(`${query} HTTP`)),
    end() {
      proxy.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
