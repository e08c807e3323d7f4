#!/usr/bin/env bash
# lighttpd ends a WebSocket for the silence of one side while the other side sends all the time.
#
# Installed: lighttpd 1.4.69-1 (Debian 12).
# Done: three lighttpds in front of the same backend: with `server.max-read-idle = 3`, with `server.max-write-idle = 3`, with
#   both 600. Through each go two WebSockets: the server of one sends every half second and its client is silent; with the
#   other it is the other way round. They are watched for ten seconds.
# Expected: a limit for idle connections does not end one that is never idle: so nginx, HAProxy, Apache, Envoy and h2o have it.
# Seen: max-read-idle ends the one whose client is silent, though the server sends; max-write-idle the one whose server is
#   silent, though the client sends. Neither side is sent a close frame.
# It matters with the defaults, 60 and 360 seconds: a page that only listens, a ticker say, is cut off every minute, unless
#   the server's pings make it answer. Pings that are sent only when the other side is silent do not help with uploads.
set -euo pipefail
source "$(dirname "$0")/common.bash"
debs lighttpd=1.4.69-1

upstream=$(free_port)
lighttpd -v | sed -n 1p
for limits in "read 3 600" "write 600 3" "none 600 600"; do
    read -r name read write <<<"$limits"
    port=$(free_port)
    cat >"$name.conf" <<CONF
server.document-root = "$tmp"
server.bind = "127.0.0.1"
server.port = $port
server.modules = ("mod_proxy")
server.max-read-idle = $read
server.max-write-idle = $write
proxy.server = ("" => (("host" => "127.0.0.1", "port" => $upstream)))
proxy.header = ("upgrade" => "enable")
CONF
    start lighttpd -D -f "$tmp/$name.conf" -m "$tmp/root/usr/lib/lighttpd"
    accepts "$port"
    echo "$name $port" >>servers
done

cat >probe.py <<'PY'
import sys, threading, time
from ws import CLOSE, TEXT, Backend, frame, read_frame, request

def send(sock, mask):
    while True:
        sock.sendall(frame(TEXT, b"tick", mask))
        time.sleep(0.5)

def serve(sock, head):
    if "/push" in head[0]:
        send(sock, False)
    while True:
        read_frame(sock)

Backend(serve, port=int(sys.argv[1]))
seen = {}

def watch(name, port, who):
    sock, head = request(port, path=f"/{who}")
    assert " 101 " in head[0], head
    began = time.monotonic()
    if who == "upload":
        threading.Thread(target=quietly, args=(sock,), daemon=True).start()
    sock.settimeout(10)
    outcome = "open after 10 s"
    try:
        while time.monotonic() < began + 10:
            if read_frame(sock)[0] == CLOSE:
                outcome = "closed by a frame"
                break
    except TimeoutError:
        pass
    except (EOFError, ConnectionError):
        outcome = f"cut after {time.monotonic() - began:.1f} s"
    seen[name, who] = outcome

def quietly(sock):
    try:
        send(sock, True)
    except OSError:
        pass

threads = []
for line in open("servers"):
    name, port = line.split()
    for who in "push", "upload":
        threads.append(threading.Thread(target=watch, args=(name, int(port), who)))
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
for (name, who), outcome in sorted(seen.items()):
    limit = "both limits 600" if name == "none" else f"max-{name}-idle 3"
    print(f"{limit}, only the {'server' if who == 'push' else 'client'} sends: {outcome}")
cut = {case for case, outcome in seen.items() if outcome.startswith("cut")}
sys.exit(cut != {("read", "push"), ("write", "upload")})
PY
PYTHONPATH=$here python3 probe.py "$upstream" || changed "each limit was expected to cut one direction"
