#!/usr/bin/env bash
# The WebSocket of undici, which is that of Node.js, offers a compression of its own messages that it does not have.
#
# Installed: undici 7.30.2 (that of Node.js 24), ws 8.23.0 (npm); websockets 17.4 (PyPI).
# Done: a server of plain sockets agrees on permessage-deflate with client_max_window_bits=12, which all of them offer. Each
#   client sends the same text of 1,380 bytes twice.
# Expected: RFC 7692, 7.1.2.2: the parameter is about the window with which the client compresses. Nothing requires that it
#   compresses; but browsers, whose interface this is, ws and websockets do.
# Seen: ws and websockets send compressed frames. undici offers and accepts the limit, says so in `extensions`, and sends
#   every message as it is; it decompresses what it receives. There is no option for it.
# It matters to whoever reckons with the bytes: what a program in Node.js sends is not compressed, though both sides say that
#   it is agreed on, and the server keeps a window for it.
set -euo pipefail
source "$(dirname "$0")/common.bash"
pips websockets==17.4
npms undici@7.30.2 ws@8.23.0

cat >probe.py <<'PY'
import sys
from deflate import SENDS, DeflatingBackend, deflated, received, version
from ws import TEXT, fields, frame

same = True
for name in ("ws", "websockets", "undici"):
    answer = "permessage-deflate; client_max_window_bits=12"
    backend = DeflatingBackend(answer, [frame(TEXT, deflated(b"welcome, welcome"), compressed=True)])
    told = received(name, f"ws://127.0.0.1:{backend.port}/")
    [offer] = fields(backend.heads[0], "sec-websocket-extensions")
    sent = [f"{len(payload)} bytes, {'compressed' if compressed else 'as they are'}" for compressed, payload in backend.came]
    print(f"{name} {version(name)} offers {offer}; sends {sent}; is told {told}")
    same &= offer == "permessage-deflate; client_max_window_bits" and told == ["welcome, welcome", "closed"]
    same &= [compressed for compressed, _ in backend.came] == [name != "undici"] * len(SENDS)
sys.exit(not same)
PY
python probe.py || changed "other clients compress than stated"
