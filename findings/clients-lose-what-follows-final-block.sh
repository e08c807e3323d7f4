#!/usr/bin/env bash
# Six clients lose messages, or a part of one, behind a DEFLATE block that says that it is the final one.
#
# Installed: websockets 17.4, tornado 6.6.1, autobahn 26.10.2, niquests 3.21.2, aiohttp 3.14.5 (PyPI); undici 7.30.2,
#   faye-websocket 0.11.4 with permessage-deflate 0.1.7, ws 8.23.0 (npm).
# Done: a server of plain sockets agrees on permessage-deflate without parameters. It compresses three texts, each up to a
#   final block as zlib's Z_FINISH makes it, and the padding of RFC 7692, 7.2.3.4. Another one sends a text in two blocks, of
#   which the first is final. The clients print the messages that they get.
# Expected: RFC 7692, 7.2.1: blocks with the bit BFINAL may be used, and the next block follows; 7.2.3.4 has an example.
# Seen: undici, faye-websocket, websockets, tornado and autobahn hand over the first text and then empty ones, without an
#   error; to niquests the connection is closed behind the first. ws has all three. Of the text in two blocks all of them, and ws, hand over the
#   first half as if it were the whole. aiohttp alone reads everything.
# It matters to servers that compress each message by itself, which is the shortest way to use some libraries (libdeflate
#   makes final blocks only): to these clients their messages are empty.
set -euo pipefail
source "$(dirname "$0")/common.bash"
pips websockets==17.4 tornado==6.6.1 autobahn==26.10.2 niquests==3.21.2 wsproto==1.3.2 aiohttp==3.14.5
npms undici@7.30.2 faye-websocket@0.11.4 permessage-deflate@0.1.7 ws@8.23.0

cat >probe.py <<'PY'
import sys, zlib
from deflate import DeflatingBackend, deflated, received, version
from ws import TEXT, frame

def final(data):
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(data) + compressor.flush(zlib.Z_FINISH)

texts = ["the first text", "the second text", "the third text"]
three = DeflatingBackend("permessage-deflate", [frame(TEXT, final(text.encode()) + b"\0", compressed=True) for text in texts])
halves = DeflatingBackend("permessage-deflate", [frame(TEXT, final(b"one half, ") + deflated(b"the other half"), compressed=True)])

all_three, empty, half = [*texts, "closed"], [texts[0], "", "", "closed"], ["one half, ", "closed"]
stated = {
    "aiohttp": (all_three, ["one half, the other half", "closed"]),
    "ws": (all_three, half),
    "undici": (empty, half),
    "faye-websocket": (empty, half),
    "websockets": (empty, half),
    "tornado": (empty, half),
    "autobahn": (empty, half),
    "niquests": ([texts[0], "closed"], half),
}
same = True
for name, expected in stated.items():
    seen = tuple(received(name, f"ws://127.0.0.1:{backend.port}/") for backend in (three, halves))
    print(f"{name} {version(name)}: three texts: {seen[0]}; two blocks: {seen[1]}")
    same &= seen == expected
    three.came, halves.came = [], []
sys.exit(not same)
PY
python probe.py || changed "other messages arrive than stated"
