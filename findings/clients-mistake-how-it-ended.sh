#!/usr/bin/env bash
# Five clients report a connection that was lost, or a close frame without a code, as something else.
#
# Installed: aiohttp 3.14.5, simple-websocket 1.1.0, httpx-ws 0.9.0 (PyPI); deno 2.9.6, websocket 1.0.35, faye-websocket 0.11.4,
#   ws 8.23.0 (npm).
# Done: a server of plain sockets ends each client's WebSocket in one of two ways: a close frame without a body and the whole
#   close handshake, or the end of the TCP connection alone. The client's program prints what it is told.
# Expected: RFC 6455, 7.1.5: 1005 for a close frame without a code, 1006 where no close frame came. ws does so.
# Seen: of the clean close websocket says 1006 "Connection dropped by remote peer.", aiohttp 1006, faye-websocket 1000. Of the
#   lost connection simple-websocket says 1005, as after a clean close, and deno 0.
# It matters to programs that decide by the code whether to come back, and to whoever counts: a server that closes without a
#   code looks like a broken network to two of them, and a broken network like a clean end to another.
set -euo pipefail
source "$(dirname "$0")/common.bash"
pips aiohttp==3.14.5 simple-websocket==1.1.0 httpx-ws==0.9.0
npms deno@2.9.6 websocket@1.0.35 faye-websocket@0.11.4 ws@8.23.0

cat >probe.py <<'PY'
import sys
from clients import told, version
from ws import CLOSE, Backend, frame, read_frame

def serve(sock, head):
    if head[0].split()[1] == "/empty":
        sock.sendall(frame(CLOSE))
        while read_frame(sock)[0] != CLOSE:
            pass

backend = Backend(serve)
stated = {  # after a close frame without a code, after the end of the connection
    "ws": ("1005", "1006"),
    "httpx-ws": ("1005", "network error"),
    "websocket": ("1006 Connection dropped by remote peer.", "1006 Connection dropped by remote peer."),
    "aiohttp": ("1006", "1006"),
    "faye-websocket": ("1000", "1006"),
    "simple-websocket": ("1005", "1005"),
    "deno": ("1005", "0"),
}
same = True
for name, expected in stated.items():
    seen = tuple(told(name, f"ws://127.0.0.1:{backend.port}/{how}") for how in ("empty", "lost"))
    print(f"{name} {version(name)}: close frame without a code: {seen[0]}; connection lost: {seen[1]}")
    same &= seen == expected
sys.exit(not same)
PY
python probe.py || changed "other ends are reported than stated"
