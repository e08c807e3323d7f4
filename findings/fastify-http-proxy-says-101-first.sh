#!/usr/bin/env bash
# @fastify/http-proxy answers 101 to a WebSocket before its upstream has answered, so that a 401 reaches nobody.
#
# Installed: @fastify/http-proxy 11.6.3, fastify 5.12.8, ws 8.23.0 (npm).
# Done: an upstream answers every upgrade with 401 and a body. A client asks for a WebSocket at the upstream itself, then
#   through the proxy (`websocket: true`, nothing else).
# Expected: RFC 6455, 4.2.2 and 4.4: a server may refuse an upgrade with any status, 401 and its like included; a proxy hands
#   the refusal on, as nginx, HAProxy, Apache and Envoy do.
# Seen: at the upstream the client gets 401 with the body. Through the proxy it gets 101, its program is told that the
#   WebSocket is open, and then that it was closed with 1011 "unexpected response".
# It matters because a client that signs in again at 401, or waits at 429 or 503, does not see them: it sees a server that
#   accepts and fails, and one that starts its back-off anew after each open tries again at once.
set -euo pipefail
source "$(dirname "$0")/common.bash"
npms @fastify/http-proxy@11.6.3 fastify@5.12.8 ws@8.23.0

cat >probe.js <<'JS'
const http = require("node:http");
const WebSocket = require("ws");
for (const name of ["@fastify/http-proxy", "fastify", "ws"]) console.log(name, require(`./node_modules/${name}/package.json`).version);

const upstream = http.createServer();
upstream.on("upgrade", (request, socket) => socket.end(
  "HTTP/1.1 401 Unauthorized\r\nContent-Type: text/plain\r\nContent-Length: 14\r\nConnection: close\r\n\r\nsign in first\n"));

const told = (port) => new Promise((done) => {
  const events = [];
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
  socket.on("open", () => events.push("open"));
  socket.on("error", () => {});
  socket.on("unexpected-response", (_, response) => done([...events, `response ${response.statusCode}`].join(", ")));
  socket.on("close", (code, reason) => done([...events, `close ${code} ${reason}`].join(", ")));
});

upstream.listen(0, "127.0.0.1", async () => {
  const { port } = upstream.address();
  const proxy = require("fastify")();
  proxy.register(require("@fastify/http-proxy"), { upstream: `http://127.0.0.1:${port}`, websocket: true });
  await proxy.listen({ port: 0, host: "127.0.0.1" });
  const direct = await told(port);
  const behind = await told(proxy.server.address().port);
  console.log(`at the upstream: ${direct}\nthrough the proxy: ${behind}`);
  const stated = direct === "response 401" && behind === "open, close 1011 unexpected response";
  if (!stated) console.error("CHANGED: a 401 was expected at the upstream and a 101 at the proxy");
  process.exit(stated ? 0 : 1);
});
JS
timeout 60 node probe.js
