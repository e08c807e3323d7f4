// A server of the contract in `runtime.ts`, with rooms that remember, and a network before it that
// can fail.

import { once } from "node:events";
import { createServer } from "node:http";
import { connect, createServer as createTcpServer } from "node:net";

import { WebSocketServer } from "ws";

/** A room and its history. */
class Room {
  #epoch;
  #messages = [];
  members = new Set();

  constructor(epoch) {
    this.#epoch = epoch;
  }

  /** Position of the last message. */
  get #position() {
    return `${this.#epoch}.${this.#messages.length}`;
  }

  broadcast(message) {
    const text = `${JSON.stringify(message).slice(0, -1)},"$at":"${this.#epoch}.${this.#messages.length + 1}"}`;
    this.#messages.push(text);
    for (const member of this.members) member.send(text);
  }

  /** Lets a member in, after the messages since its position. */
  join(member, positions, room) {
    const [, offset] = positions.map((at) => at.split(".")).find(([epoch]) => epoch === this.#epoch) ?? [];
    if (offset !== undefined) {
      const missed = this.#messages.slice(Number(offset));
      member.send(JSON.stringify({ type: "$resumed", room, recovered: missed.length }));
      for (const text of missed) member.send(text);
    } else {
      if (positions.length > 0) member.send(JSON.stringify({ type: "$resumed", room, lost: true }));
      member.send(JSON.stringify({ type: "$joined", room, $at: this.#position }));
    }
    this.members.add(member);
  }
}

export class Server {
  #http;
  #port = 0;
  #rooms = new Map();
  #lives = 0;
  #sockets = new Set();
  #sum = 0;
  /** Texts of the messages `say`. */
  said = [];

  get port() {
    return this.#port;
  }

  async start() {
    const sockets = new WebSocketServer({ noServer: true, handleProtocols: (offered) => [...offered][0] });
    this.#http = createServer((_, response) => response.writeHead(404).end());
    this.#http.on("upgrade", (request, socket, head) => {
      const url = new URL(request.url, "http://server");
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
      socket.on("error", () => {}); // "close" follows
      const token = url.searchParams.get("token");
      const isRefused = token === "refused" || (token === "in-header" && request.headers["x-token"] !== "secret");
      if (isRefused) return socket.end("HTTP/1.1 401 Unauthorized\r\n\r\n");
      sockets.handleUpgrade(request, socket, head, (member) => this.#serve(member, url));
    });
    this.#http.listen(this.#port, "127.0.0.1");
    await once(this.#http, "listening");
    this.#port = this.#http.address().port;
  }

  /** Ends all connections with a close frame, and stops listening. */
  async stop(code) {
    for (const room of this.#rooms.values()) for (const member of room.members) member.close(code, "restart");
    const closed = once(this.#http, "close");
    this.#http.close();
    for (const socket of this.#sockets) socket.setTimeout(200, () => socket.destroy());
    await closed;
  }

  /** Forgets what was said in all rooms. */
  forget() {
    this.#rooms.clear();
  }

  room(name) {
    if (!this.#rooms.has(name)) this.#rooms.set(name, new Room((0xabc000 + (this.#lives += 1)).toString(16)));
    return this.#rooms.get(name);
  }

  #serve(member, url) {
    member.on("error", () => {}); // "close" follows
    if (url.pathname === "/raw") return member.on("message", (data, binary) => member.send(data, { binary }));
    const name = decodeURIComponent(url.pathname.split("/").at(-1));
    const room = this.room(name);
    room.join(member, url.searchParams.getAll("$at"), name);
    member.on("message", (data) => this.#answer(member, room, String(data)));
    member.on("close", () => room.members.delete(member));
  }

  #answer(member, room, text) {
    const message = JSON.parse(text);
    // The numbers of the reply are copied as they are written: JavaScript would round them.
    const [, by] = /"by":(-?\d+)/.exec(text) ?? [];
    const reply = (fields) => member.send(`{"id":${message.id},${fields}}`);
    switch (message.type) {
      case "$ping":
        return member.send('{"type":"$pong"}');
      case "say":
        this.said.push(message.text);
        return room.broadcast({ type: "said", from: 1, text: message.text });
      case "add":
        if (message.name === "") return reply('"type":"$error","code":"bad_name","path":"name","message":"no name"');
        return reply(`"type":"value","name":"a","value":${by}`);
      case "total":
        this.#sum += 1;
        return reply(`"type":"total","sum":${this.#sum}`);
      case "leave":
        return member.close(1000, "you left");
    }
  }
}

/** A proxy that stands for a network. */
export class Network {
  #tcp;
  #server;
  #lines = new Set();

  constructor(server) {
    this.#server = server;
  }

  get port() {
    return this.#tcp.address().port;
  }

  async start() {
    this.#tcp = createTcpServer((client) => {
      const line = { client, server: connect(this.#server.port, "127.0.0.1"), swallows: false };
      this.#lines.add(line);
      for (const [from, to] of [[line.client, line.server], [line.server, line.client]]) {
        from.on("data", (data) => line.swallows || to.write(data));
        from.on("error", () => {}); // "close" follows
        from.on("close", () => {
          if (to.destroyed) this.#lines.delete(line);
          if (!line.swallows) to.destroySoon();
        });
      }
    });
    this.#tcp.listen(0, "127.0.0.1");
    await once(this.#tcp, "listening");
  }

  /** Ends all connections, with a reset. */
  cut() {
    for (const { client, server } of this.#lines) {
      client.resetAndDestroy();
      server.resetAndDestroy();
    }
  }

  /** From now on nothing gets through the connections that there are, and neither end notices. */
  swallow() {
    for (const line of this.#lines) line.swallows = true;
  }

  stop() {
    this.cut();
    this.#tcp.close();
  }
}
