#!/usr/bin/env bash
# Four clients refuse a message that is no longer than their limit, because it is a little longer compressed.
#
# Installed: websockets 17.4, tornado 6.6.1, autobahn 26.10.2 (PyPI); ws 8.23.0, undici 7.30.2 (npm).
# Done: each client's limit is set to 1,000 bytes a message (undici has none to set). A server of plain sockets sends it
#   1,000 random bytes, once as they are and once compressed, which makes 1,006 bytes of them.
# Expected: the documentation of each: the limit is the size of a message (websockets: "maximum size of incoming messages in
#   bytes"). Without compression all of them take the message.
# Seen: compressed only undici takes it. The others compare the frame's length with the limit before they decompress.
# It matters to binary messages that are compressed already, and to servers that compress them all the same, as ws and
#   websockets do by default: of those just below a limit that both sides know some are refused, with 1009.
set -euo pipefail
source "$(dirname "$0")/common.bash"
pips websockets==17.4 tornado==6.6.1 autobahn==26.10.2
npms ws@8.23.0 undici@7.30.2

cat >probe.py <<'PY'
import random, sys
from deflate import DeflatingBackend, deflated, received, version
from ws import frame

BINARY = 2
LIMIT = 1000
message = random.Random(1).randbytes(LIMIT)
compressed = deflated(message)
print(f"limit {LIMIT}; message {len(message)} bytes, compressed {len(compressed)}")
same = len(compressed) > LIMIT
for name in ("undici", "ws", "websockets", "tornado", "autobahn"):
    seen = []
    for sent in (frame(BINARY, message), frame(BINARY, compressed, compressed=True)):
        backend = DeflatingBackend("permessage-deflate", [sent])
        seen.append(received(name, f"ws://127.0.0.1:{backend.port}/", LIMIT) == [f"<{LIMIT} bytes>", "closed"])
    print(f"{name} {version(name)} takes it as it is: {seen[0]}, compressed: {seen[1]}")
    same &= seen == [True, name == "undici"]
sys.exit(not same)
PY
python probe.py || changed "other clients refuse the message than stated"
