#!/usr/bin/env bash
# Apache at times holds what a server sends right after its 101 until the client has sent something, over HTTP/2.
#
# Installed: apache2-bin 2.4.71-1~deb12u1, libapr1 1.7.2-3+deb12u1, libaprutil1 1.6.3-1+deb12u1, liblua5.3-0 5.3.6-2
#   (Debian 12); h2 4.4.1 (PyPI).
# Done: Apache with `H2WebSockets on` passes WebSockets on to a server that sends "hello" right after its 101, and then
#   echoes. WebSockets are opened one after the other, each over a connection of its own; the client sends nothing.
# Expected: RFC 6455, 4.2.2: the connection is open after the 101, and the server may send. Over HTTP/1.1 Apache passes
#   every "hello" on at once.
# Seen: some do not arrive within two seconds (7 of 40, with another client), and do so once the client has sent a message.
# It matters because many servers speak first (a state, a greeting), and pages wait for it.
set -euo pipefail
source "$(dirname "$0")/common.bash"
debs apache2-bin=2.4.71-1~deb12u1 libapr1=1.7.2-3+deb12u1 libaprutil1=1.6.3-1+deb12u1 liblua5.3-0=5.3.6-2
pips h2==4.4.1

port=$(free_port) upstream=$(free_port)
{
    echo "ServerRoot $tmp"
    for module in mpm_event authz_core http2 proxy proxy_http; do
        echo "LoadModule ${module}_module $tmp/root/usr/lib/apache2/modules/mod_$module.so"
    done
    cat <<CONF
ServerName localhost
Listen 127.0.0.1:$port
PidFile $tmp/pid
ErrorLog $tmp/error.log
DefaultRuntimeDir $tmp
Protocols h2c http/1.1
H2WebSockets on
ProxyPass / http://127.0.0.1:$upstream/ upgrade=websocket
CONF
} >httpd.conf
apache2 -v | sed -n 1p
start apache2 -D FOREGROUND -f "$tmp/httpd.conf"
accepts "$port"

cat >probe.py <<'PY'
import sys
from ws import TEXT, Backend, H2Client, echo, frame

port, upstream = map(int, sys.argv[1:])


def greet(sock, head):
    sock.sendall(frame(TEXT, b"hello"))
    echo(sock)


def is_data(event):
    return type(event).__name__ == "DataReceived"


Backend(greet, port=upstream)
held = released = 0
for opened in range(1, 301):
    client = H2Client(port)
    stream = client.connect("/")
    if client.status(stream) != "200":
        sys.exit("the WebSocket does not open")
    if not client.wait(is_data, 2):
        held += 1
        client.send(stream, frame(TEXT, b"are you there?", mask=True))
        event = client.wait(is_data)
        released += bool(event) and b"hello" in event.data
    client.sock.close()
    if held == 3:
        break
print(f"of {opened} greetings, {held} were held, and {released} of these arrived when the client had sent a message")
sys.exit(not (held and held == released))
PY
python probe.py "$port" "$upstream" || changed "some greetings were expected to be held until the client sends"
