#!/usr/bin/env bash
# To two clients a ping between the fragments of a compressed message ends the compression: they hand over compressed bytes.
#
# Installed: tornado 6.6.1, niquests 3.21.2 with wsproto 1.3.2, websockets 17.4, aiohttp 3.14.5 (PyPI); ws 8.23.0 (npm).
# Done: a server of plain sockets agrees on permessage-deflate, and sends a compressed binary message of 2,000 bytes in two
#   fragments, once without and once with a ping between them. The clients print how long the message is that they get.
# Expected: RFC 6455, 5.4: control frames may be between the fragments of a message. RFC 7692, 6: of its frames the first one
#   has the bit that says that all of it is compressed.
# Seen: with the ping tornado hands over the bytes of the frames as they are, and niquests (its wsproto) the first half
#   decompressed and the second one not. Neither reports an error. Of a text, which this is not, they would drop the connection.
# It matters because a server that sends pings to see if its clients are there, and messages in fragments, garbles one
#   of them now and then, and nobody is told.
set -euo pipefail
source "$(dirname "$0")/common.bash"
pips tornado==6.6.1 niquests==3.21.2 wsproto==1.3.2 websockets==17.4 aiohttp==3.14.5
npms ws@8.23.0

cat >probe.py <<'PY'
import hashlib, sys
from deflate import DeflatingBackend, deflated, received, version
from ws import PING, frame

BINARY, CONTINUATION = 2, 0
# Hexadecimal digits: compressed they take about half as many bytes.
message = b"".join(hashlib.sha256(bytes([number])).hexdigest().encode() for number in range(32))[:2000]
compressed = deflated(message)
middle = len(compressed) // 2
first = frame(BINARY, compressed[:middle], final=False, compressed=True)
last = frame(CONTINUATION, compressed[middle:])
backends = [DeflatingBackend("permessage-deflate", frames) for frames in ([first, last], [first, frame(PING), last])]

print(f"{len(message)} bytes, {len(compressed)} compressed")
same = True
for name in ("ws", "websockets", "aiohttp", "tornado", "niquests"):
    seen = []
    for backend in backends:
        seen.append(received(name, f"ws://127.0.0.1:{backend.port}/"))
        backend.came = []
    print(f"{name} {version(name)}: without a ping: {seen[0]}; with one: {seen[1]}")
    right = ["<2000 bytes>", "closed"]
    if name == "tornado":
        same &= seen == [right, [f"<{len(compressed)} bytes>", "closed"]]
    elif name == "niquests":
        same &= seen[0] == right and seen[1] != right and seen[1][0].endswith("bytes>") and seen[1][1:] == ["closed"]
    else:
        same &= seen == [right, right]
sys.exit(not same)
PY
python probe.py || changed "other messages arrive than stated"
