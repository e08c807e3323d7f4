#!/usr/bin/env bash
# picows and niquests write the code 0 into their close frame when the program closes without giving one.
#
# Installed: picows 2.3.1, niquests 3.21.2 with wsproto 1.3.2, websocket-client 1.9.2 (PyPI).
# Done: each opens a WebSocket and closes it by the library's own call without arguments; the server prints the frame.
# Expected: RFC 6455, 7.4.2: codes from 0 to 999 are not used; a close frame without a code has an empty body, and
#   websocket-client sends 1000.
# Seen: the two send a body of two zero bytes.
# It matters because a server that keeps to the RFC has to take every goodbye of these clients for a protocol error: it answers
#   1002, and its count of broken clients is in truth a count of ordinary ends.
set -euo pipefail
source "$(dirname "$0")/common.bash"
pips picows==2.3.1 niquests==3.21.2 wsproto==1.3.2 websocket-client==1.9.2

cat >probe.py <<'PY'
import asyncio, queue, sys
from importlib.metadata import version
from ws import CLOSE, Backend, frame, read_frame

closes = queue.Queue()

def serve(sock, head):
    while True:
        opcode, payload = read_frame(sock)
        if opcode == CLOSE:
            closes.put(payload)
            sock.sendall(frame(CLOSE))
            return

url = f"ws://127.0.0.1:{Backend(serve).port}/"

def picows():
    import picows

    class Listener(picows.WSListener):
        def on_ws_connected(self, transport):
            transport.send_close()

    async def run():
        transport, _ = await picows.ws_connect(Listener, url)
        await transport.wait_disconnected()

    asyncio.run(run())

def niquests():
    import niquests
    niquests.Session().get(url).extension.close()

def websocket_client():
    import websocket
    websocket.create_connection(url).close()

same = True
for run, stated in (picows, b"\0\0"), (niquests, b"\0\0"), (websocket_client, b"\x03\xe8"):
    run()
    body = closes.get(timeout=10)
    name = run.__name__.replace("_", "-")
    print(f"{name} {version(name)}: the close frame's body is {body}")
    same &= body == stated
sys.exit(not same)
PY
timeout 60 python probe.py || changed "two bodies of zeros were expected"
