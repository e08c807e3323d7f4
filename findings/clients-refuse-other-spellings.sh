#!/usr/bin/env bash
# Three clients refuse the server's answer about compression if it is spelled in another way than most servers do.
#
# Installed: undici 7.30.2, ws 8.23.0 (npm); aiohttp 3.14.5, niquests 3.21.2 with wsproto 1.3.2, websockets 17.4 (PyPI).
# Done: a server of plain sockets agrees on permessage-deflate with a window of ten bits: as server_max_window_bits=10, with
#   the number in quotation marks, and with a space before the semicolon. It sends a compressed text.
# Expected: RFC 7692, 5.1 and RFC 6455, 9.1: a parameter's value is a token or a quoted string. RFC 6455 has its grammar from
#   RFC 2616, whose 2.1 allows white space between the words of a list and what separates them.
# Seen: ws and websockets read all three. aiohttp gives up the connection for the space and for the quotation marks, niquests
#   for the quotation marks. undici fails the connection for the space, and with quotation marks opens it and fails at the
#   first compressed message.
# It matters to servers and proxies that write fields with a library of their own: to these clients they cannot be reached.
set -euo pipefail
source "$(dirname "$0")/common.bash"
pips aiohttp==3.14.5 niquests==3.21.2 wsproto==1.3.2 websockets==17.4
npms undici@7.30.2 ws@8.23.0

cat >probe.py <<'PY'
import sys
from deflate import SENDS, DeflatingBackend, deflated, received, version
from ws import TEXT, frame

SPELLINGS = {
    "plain": "permessage-deflate; server_max_window_bits=10",
    "quoted": 'permessage-deflate; server_max_window_bits="10"',
    "spaced": "permessage-deflate ; server_max_window_bits=10",
}
READS = {
    "ws": ["plain", "quoted", "spaced"],
    "websockets": ["plain", "quoted", "spaced"],
    "niquests": ["plain", "spaced"],
    "aiohttp": ["plain"],
    "undici": ["plain"],
}
same = True
for name, stated in READS.items():
    reads = []
    for spelling, answer in SPELLINGS.items():
        backend = DeflatingBackend(answer, [frame(TEXT, deflated(b"welcome, welcome, welcome"), compressed=True)])
        told = received(name, f"ws://127.0.0.1:{backend.port}/")
        if told == ["welcome, welcome, welcome", "closed"]:
            reads.append(spelling)
        if (name, spelling) == ("undici", "quoted"):
            same &= len(backend.came) == len(SENDS)
    print(f"{name} {version(name)} reads: {', '.join(reads)}")
    same &= reads == stated
sys.exit(not same)
PY
python probe.py || changed "other spellings are read than stated"
