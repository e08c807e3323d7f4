#!/usr/bin/env bash
# Five clients take a registered close code for a protocol error: faye-websocket 1012, 1013 and 1014, the others 1014.
#
# Installed: autobahn 26.10.2, httpx-ws 0.9.0 with wsproto 1.3.2, lomond 0.3.4, aiohttp 3.14.5 (PyPI); faye-websocket 0.11.4,
#   deno 2.9.6, ws 8.23.0 (npm).
# Done: a server of plain sockets closes each client's WebSocket with a code and the reason "later"; the client's program
#   prints the code that it is told.
# Expected: IANA's registry has 1012 (service restart), 1013 (try again later) and 1014 (bad gateway); RFC 6455, 7.4.2 leaves
#   registered codes to their registration. aiohttp and ws hand all of them on.
# Seen: faye-websocket says 1002 with the reason "later", which the server never said about 1002. autobahn says 1006,
#   httpx-ws 1002, lomond a protocol error, deno 0 without a reason, for 1014 alone.
# It matters to servers that ask clients to come back: "restart" and "try again later" arrive as the client's own error, or
#   as nothing. 1001, or a code from 4000 on, arrives everywhere.
set -euo pipefail
source "$(dirname "$0")/common.bash"
pips autobahn==26.10.2 httpx-ws==0.9.0 wsproto==1.3.2 lomond==0.3.4 aiohttp==3.14.5
npms faye-websocket@0.11.4 deno@2.9.6 ws@8.23.0

cat >probe.py <<'PY'
import sys
from clients import told, version
from ws import CLOSE, Backend, frame, read_frame

def serve(sock, head):
    code = int(head[0].split()[1][1:])
    sock.sendall(frame(CLOSE, code.to_bytes(2, "big") + b"later"))
    while read_frame(sock)[0] != CLOSE:
        pass

backend = Backend(serve)
faye = dict.fromkeys((1012, 1013, 1014), "1002 later")
stated = {
    "faye-websocket": faye,
    "autobahn": {1014: "1006 "},
    "httpx-ws": {1014: "1002 "},
    "lomond": {1014: "ProtocolError"},
    "deno": {1014: "0"},
    "aiohttp": {},
    "ws": {},
}
same = True
for name, strange in stated.items():
    print(f"{name} {version(name)}")
    for code in 1001, 1012, 1013, 1014, 4000:
        seen = told(name, f"ws://127.0.0.1:{backend.port}/{code}")
        fits = seen.startswith(strange[code]) if code in strange else seen == f"{code} later"
        print(f"  {code} later: the program is told {seen}{'' if fits else '  <- not as stated'}")
        same &= fits
sys.exit(not same)
PY
python probe.py || changed "other codes arrive than stated"
