#!/usr/bin/env bash
# nghttpx does not tell an HTTP/1.1 backend that an HTTP/2 client has ended its half of a WebSocket.
#
# Installed: nghttp2-proxy 1.52.0-1+deb12u3, libc-ares2 1.18.1-3, libev4 1:4.33-1, libjemalloc2 5.3.0-1 (Debian 12);
#   h2 4.4.1 (PyPI).
# Done: a WebSocket is opened over HTTP/2, its backend sends a message every half second. The client ends its half of the
#   stream (DATA with END_STREAM, no close frame) and keeps the connection, for ten seconds. The same is done over HTTP/1.1,
#   where the client shuts down its half of the connection.
# Expected: RFC 8441, 5: END_STREAM is to a stream what an orderly close is to a TCP connection, so the backend sees the end,
#   as it does over HTTP/1.1.
# Seen: over HTTP/1.1 the backend sees the end at once; over HTTP/2 it does not in ten seconds, its messages go on to the
#   client, and the end comes only with that of the client's connection.
# It matters because a client that has gone this way costs its backend a WebSocket until a ping goes unanswered: a server
#   without pings keeps it.
set -euo pipefail
source "$(dirname "$0")/common.bash"
debs nghttp2-proxy=1.52.0-1+deb12u3 libc-ares2=1.18.1-3 libev4=1:4.33-1 libjemalloc2=5.3.0-1
pips h2==4.4.1

port=$(free_port) upstream=$(free_port)
nghttpx --version
start nghttpx --conf=/dev/null --workers=1 "--frontend=127.0.0.1,$port;no-tls" "--backend=127.0.0.1,$upstream"
accepts "$port"

cat >probe.py <<'PY'
import socket, sys, threading, time
from ws import TEXT, Backend, H2Client, frame, read_frame, request

port, upstream = map(int, sys.argv[1:])
ends = {}

def serve(sock, head):
    name = head[0].split()[1]
    ends[name] = threading.Event()
    threading.Thread(target=push, args=(sock,), daemon=True).start()
    try:
        while True:
            read_frame(sock)
    except (EOFError, OSError):
        ends[name].set()

def push(sock):
    try:
        while True:
            sock.sendall(frame(TEXT, b"tick"))
            time.sleep(0.5)
    except OSError:
        pass

Backend(serve, port=upstream)
sock, head = request(port, path="/1")
assert " 101 " in head[0], head
read_frame(sock)
sock.shutdown(socket.SHUT_WR)
first = ends["/1"].wait(10)

client = H2Client(port)
stream = client.connect("/2")
client.wait(lambda event: type(event).__name__ == "DataReceived")
client.send(stream, b"", end=True)
got = len(client.events)
over = client.wait(lambda event: type(event).__name__ in ("StreamReset", "StreamEnded"), 10)
ticks = sum(type(event).__name__ == "DataReceived" for event in client.events[got:])
second = ends["/2"].is_set()
client.sock.close()
third = ends["/2"].wait(10)
print("HTTP/1.1, ten seconds: the backend sees the end:", first)
print(f"HTTP/2, ten seconds: the backend sees the end: {second}; {ticks} more messages arrive; the stream ended: {over}")
print("HTTP/2, connection closed: the backend sees the end:", third)
sys.exit(not (first and not second and ticks > 10 and over is None and third))
PY
python probe.py "$port" "$upstream" || changed "the end was expected to be hidden over HTTP/2 only"
