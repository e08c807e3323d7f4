#!/usr/bin/env bash
# Apache ends an idle WebSocket after the longer of Timeout and ProxyTimeout; a short ProxyTimeout does nothing.
#
# Installed: apache2-bin 2.4.71-1~deb12u1, libapr1 1.7.2-3+deb12u1, libaprutil1 1.6.3-1+deb12u1, liblua5.3-0 5.3.6-2
#   (Debian 12).
# Done: a silent WebSocket, and a GET whose backend does not answer, are sent through four Apaches: `Timeout 600` with
#   `ProxyTimeout 2`, the same with `timeout=2` at ProxyPass, `Timeout 2` with `ProxyTimeout 600`, both 2. Each is watched
#   for eight seconds.
# Expected: its manual calls ProxyTimeout the time limit of proxied requests, and `timeout=` that of waiting for the backend:
#   with 2 seconds there a silent WebSocket ends after 2 seconds, as the GET does.
# Seen: only where both are 2 seconds does the WebSocket end (without a close frame). The GET goes by ProxyTimeout alone.
# It matters because ProxyTimeout, the setting that one tries, cannot shorten the life of WebSockets whose client has
#   vanished: Timeout, 60 seconds unless set, is their least, and the same line does work for ordinary requests.
set -euo pipefail
source "$(dirname "$0")/common.bash"
debs apache2-bin=2.4.71-1~deb12u1 libapr1=1.7.2-3+deb12u1 libaprutil1=1.6.3-1+deb12u1 liblua5.3-0=5.3.6-2

upstream=$(free_port)
apache2 -v | sed -n 1p
try() { # NAME TIMEOUT PROXYTIMEOUT PARAMETER
    local port
    port=$(free_port)
    mkdir "$1"
    {
        for module in mpm_event authz_core proxy proxy_http; do
            echo "LoadModule ${module}_module $tmp/root/usr/lib/apache2/modules/mod_$module.so"
        done
        cat <<CONF
ServerRoot $tmp/$1
ServerName localhost
Listen 127.0.0.1:$port
PidFile $tmp/$1/pid
ErrorLog $tmp/$1/error.log
DefaultRuntimeDir $tmp/$1
Timeout $2
ProxyTimeout $3
ProxyPass / http://127.0.0.1:$upstream/ upgrade=websocket $4
CONF
    } >"$1/httpd.conf"
    start apache2 -D FOREGROUND -f "$tmp/$1/httpd.conf"
    accepts "$port"
    echo "$1 $port" >>servers
}
try ProxyTimeout 600 2 ""
try timeout= 600 600 timeout=2
try Timeout 2 600 ""
try both 2 2 ""

cat >probe.py <<'PY'
import socket, sys, threading, time
from ws import Backend, request

Backend(port=int(sys.argv[1]), plain=lambda sock, head: time.sleep(30))

def silent(port, opened):
    sock, head = opened(port)
    began = time.monotonic()
    sock.settimeout(8)
    try:
        data = sock.recv(100)
    except TimeoutError:
        return "open after 8 s"
    what = data.split(b"\r\n")[0].decode() or "ended"
    return f"{what} after {time.monotonic() - began:.0f} s"

def websocket(port):
    sock, head = request(port)
    assert " 101 " in head[0], head
    return sock, head

def plain(port):
    sock = socket.create_connection(("127.0.0.1", port))
    sock.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    return sock, None

seen = {}
def watch(name, port):
    seen[name] = silent(port, websocket), silent(port, plain)

threads = [threading.Thread(target=watch, args=(name, int(port))) for name, port in map(str.split, open("servers"))]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
for name, (websocket, plain) in seen.items():
    print(f"2 s for {name:12} a WebSocket is {websocket}; a GET without an answer: {plain}")
open_still = {name for name, (websocket, _) in seen.items() if "open" in websocket}
answered = {name for name, (_, plain) in seen.items() if plain.startswith("HTTP/1.1 502")}
sys.exit(not (open_still == {"ProxyTimeout", "timeout=", "Timeout"} and answered == {"ProxyTimeout", "timeout=", "both"}))
PY
PYTHONPATH=$here python3 probe.py "$upstream" || changed "the WebSocket was expected to end where both limits are short"
