#!/usr/bin/env bash
# Five clients offer to let the server limit their window, and break off if it does so to eight bits.
#
# Installed: websockets 17.4, aiohttp 3.14.5, tornado 6.6.1, autobahn 26.10.2, niquests 3.21.2 with wsproto 1.3.2 (PyPI);
#   ws 8.23.0, faye-websocket 0.11.4 with permessage-deflate 0.1.7 (npm).
# Done: a server of plain sockets answers their offers with client_max_window_bits=9, and with 8. A client that stays sends
#   two messages and gets one.
# Expected: RFC 7692, 7.1.2.2: the offer says that the client supports the parameter, whose values are 8 to 15; niquests
#   names 15, and the server may answer with less.
# Seen: with 9 all of them go on. With 8 ws and faye-websocket do, too (zlib's window of nine bits reaches back 250 bytes
#   only). The other five give up the connection, tornado by an exception within its own loop.
# It matters because there is no way back: a server that wants the smallest window has no connection at all where it could
#   have one with more, or without compression, and no offer shows which clients those are.
set -euo pipefail
source "$(dirname "$0")/common.bash"
pips websockets==17.4 aiohttp==3.14.5 tornado==6.6.1 autobahn==26.10.2 niquests==3.21.2 wsproto==1.3.2
npms ws@8.23.0 faye-websocket@0.11.4 permessage-deflate@0.1.7

cat >probe.py <<'PY'
import sys
from deflate import SENDS, DeflatingBackend, received, version
from ws import TEXT, fields, frame

same = True
for name in ("ws", "faye-websocket", "websockets", "aiohttp", "tornado", "autobahn", "niquests"):
    seen = {}
    for bits in (9, 8):
        backend = DeflatingBackend(f"permessage-deflate; client_max_window_bits={bits}", [frame(TEXT, b"welcome")])
        told = received(name, f"ws://127.0.0.1:{backend.port}/")
        seen[bits] = told == ["welcome", "closed"] and len(backend.came) == len(SENDS)
    [offer] = fields(backend.heads[0], "sec-websocket-extensions")
    print(f"{name} {version(name)} offers {offer}; goes on with 9 bits: {seen[9]}, with 8: {seen[8]}")
    same &= "client_max_window_bits" in offer and seen == {9: True, 8: name in ("ws", "faye-websocket")}
sys.exit(not same)
PY
python probe.py || changed "other clients refuse a window of eight bits than stated"
