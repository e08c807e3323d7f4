#!/usr/bin/env bash
# Tornado's client goes on with what it compressed before, though the server has it agree to do without.
#
# Installed: tornado 6.6.1, websockets 17.4 (PyPI); ws 8.23.0 (npm).
# Done: a server of plain sockets agrees on permessage-deflate with client_no_context_takeover, or without. The client sends
#   a text twice, and the server decompresses each by itself.
# Expected: RFC 7692, 7.1.1.2: with the parameter the client does not use its window with the messages before.
# Seen: ws and websockets send the same bytes twice. Tornado's second message refers to its first one: by itself it
#   cannot be decompressed. Its function that parses the response's parameters forgets those that have no value, which
#   are just client_no_context_takeover and server_no_context_takeover.
# It matters to every server that keeps no decompressor for a connection, as it was promised that it need not: it closes with
#   1007 at the second message, and only Tornado's programs are hit.
set -euo pipefail
source "$(dirname "$0")/common.bash"
pips tornado==6.6.1 websockets==17.4
npms ws@8.23.0

cat >probe.py <<'PY'
import sys, zlib
from deflate import SENDS, TAIL, DeflatingBackend, received, version

def by_itself(compressed, payload):
    if not compressed:
        return "not compressed"
    try:
        text = zlib.decompressobj(wbits=-15).decompress(payload + TAIL).decode()
    except zlib.error:
        return "broken"
    return "right" if text == SENDS[0] else "another text"

same = True
for name in ("ws", "websockets", "tornado"):
    seen = []
    for parameter in ("", "; client_no_context_takeover"):
        backend = DeflatingBackend(f"permessage-deflate{parameter}", [])
        received(name, f"ws://127.0.0.1:{backend.port}/")
        seen.append([by_itself(*message) for message in backend.came])
    print(f"{name} {version(name)}: each by itself, without the parameter: {seen[0]}; with it: {seen[1]}")
    same &= seen == [["right", "broken"], ["right", "broken" if name == "tornado" else "right"]]
sys.exit(not same)
PY
python probe.py || changed "other messages are sent than stated"
