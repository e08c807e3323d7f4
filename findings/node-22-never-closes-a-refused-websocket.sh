#!/usr/bin/env bash
# In Node.js 22 a WebSocket whose handshake is refused has no `close` event, and is "connecting" for ever.
#
# Installed: node 22.23.3, with its undici 6.28.1; undici 7.30.2 (that of Node.js 24); deno 2.9.6, bun 1.4.5 (all of npm).
# Done: each opens a WebSocket to a server that answers with 403. The program notes the events and, in the end, `readyState`.
# Expected: the WHATWG's WebSockets Standard, "Feedback from the protocol": the state becomes CLOSED (3), then `error`,
#   then `close` with 1006. undici 7 and bun do so, and deno but for the code, which is 0.
# Seen: Node.js 22 fires `error` while the state is CONNECTING (0), nothing behind it, and the state stays so.
# It matters to every client that comes back in `onclose`: refused once (a restart, a full server), it never tries again, and
#   whoever waits for the state to change waits for ever.
set -euo pipefail
source "$(dirname "$0")/common.bash"
npms node@22.23.3 undici@7.30.2 deno@2.9.6 bun@1.4.5

cat >server.py <<'PY'
import socket, sys

server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    connection, _ = server.accept()
    connection.recv(4096)
    connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    connection.close()
PY
port=$(free_port)
start python3 server.py "$port"
accepts "$port"

cat >probe.mjs <<'JS'
const [url, library] = process.argv.slice(2);
const { WebSocket } = library ? await import(library) : globalThis;
const socket = new WebSocket(url);
const seen = [];
socket.onerror = () => seen.push(`error in state ${socket.readyState}`);
socket.onclose = ({ code }) => seen.push(`close ${code}`);
// All events of a refusal follow each other at once.
setTimeout(() => (console.log(`${seen.join(", ")}; state ${socket.readyState}`), process.exit()), 2_000);
JS
see() {
    local name=$1 expected=$2 seen
    shift 2
    seen=$("$@")
    echo "$name: $seen"
    [ "$seen" = "$expected" ] || changed "$name: not '$expected'"
}
bin=node_modules/.bin
url=ws://127.0.0.1:$port/
see "Node.js $($bin/node --version)" "error in state 0; state 0" $bin/node probe.mjs "$url"
see "undici 7.30.2" "error in state 3, close 1006; state 3" node probe.mjs "$url" undici
see "deno 2.9.6" "error in state 3, close 0; state 3" $bin/deno run --quiet --allow-all probe.mjs "$url"
see "bun 1.4.5" "error in state 3, close 1006; state 3" $bin/bun probe.mjs "$url"
