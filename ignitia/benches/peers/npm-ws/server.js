// npm's ws, used as in its own examples.

import { WebSocketServer } from "ws";

const MAX_MESSAGE = 64 << 20;
const WINDOW_BITS = 12;

const zlib = {
  threshold: 0,
  zlibDeflateOptions: { level: Number(process.env.COMPRESSION_LEVEL) },
};

const modes = {
  off: false,
  shared: { ...zlib, serverNoContextTakeover: true, clientNoContextTakeover: true },
  dedicated: { ...zlib, serverMaxWindowBits: WINDOW_BITS, clientMaxWindowBits: WINDOW_BITS },
};

const server = new WebSocketServer({
  host: "127.0.0.1",
  port: Number(process.env.PORT ?? 9001),
  maxPayload: MAX_MESSAGE,
  perMessageDeflate: modes[process.env.COMPRESSION ?? "off"],
});

const members = new Set();

server.on("connection", (socket, request) => {
  socket.on("error", () => {});
  if (request.url === "/fan") {
    members.add(socket);
    socket.on("close", () => members.delete(socket));
    socket.on("message", (data, binary) => {
      for (const member of members) member.send(data, { binary });
    });
  } else {
    socket.on("message", (data, binary) => socket.send(data, { binary }));
  }
});
