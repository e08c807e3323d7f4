#!/usr/bin/env bash
# lighttpd sends the same Sec-WebSocket-Key for every WebSocket that came over HTTP/2.
#
# Installed: lighttpd 1.4.69-1 (Debian 12); h2 4.4.1 (PyPI).
# Done: lighttpd passes WebSockets on to an HTTP/1.1 backend. Three are opened, over two HTTP/2 connections.
# Expected: RFC 6455, 4.1: the key is a nonce of 16 bytes, selected at random for each connection.
# Seen: the three keys are equal: 16 times the character 0.
# It matters to a backend that takes the key for what it is meant to be and tells connections or repeated requests apart by
#   it, in a log or a cache: behind lighttpd all HTTP/2 clients are one.
set -euo pipefail
source "$(dirname "$0")/common.bash"
debs lighttpd=1.4.69-1
pips h2==4.4.1

port=$(free_port) upstream=$(free_port)
cat >lighttpd.conf <<CONF
server.document-root = "$tmp"
server.bind = "127.0.0.1"
server.port = $port
server.modules = ("mod_proxy")
server.feature-flags = ("server.h2proto" => "enable", "server.h2c" => "enable")
proxy.server = ("" => (("host" => "127.0.0.1", "port" => $upstream)))
proxy.header = ("upgrade" => "enable")
CONF
lighttpd -v | sed -n 1p
start lighttpd -D -f "$tmp/lighttpd.conf" -m "$tmp/root/usr/lib/lighttpd"
accepts "$port"

cat >probe.py <<'PY'
import base64, sys
from ws import Backend, H2Client, fields

port, upstream = map(int, sys.argv[1:])
backend = Backend(port=upstream)
first, second = H2Client(port), H2Client(port)
for client in first, first, second:
    print("status", client.status(client.connect()))
keys = [fields(head, "sec-websocket-key")[0] for head in backend.heads]
for key in keys:
    print("the backend sees", key, base64.b64decode(key))
sys.exit([base64.b64decode(key) for key in keys] != [b"0" * 16] * 3)
PY
python probe.py "$port" "$upstream" || changed "three equal keys were expected"
