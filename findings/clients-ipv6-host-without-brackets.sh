#!/usr/bin/env bash
# Six client libraries send an IPv6 address in Host without its brackets; one of them leaves the port out too.
#
# Installed: autobahn 26.10.2, niquests 3.21.2, lomond 0.3.4, trio 0.35.0 with trio-websocket 0.12.2, simple-websocket 1.1.0,
#   websockets 17.4 (PyPI); websocket 1.0.35, ws 8.23.0 (npm).
# Done: each opens ws://[::1]:PORT/ on a server of plain sockets, which prints the Host field it was sent.
# Expected: RFC 9110, 7.2 and RFC 3986, 3.2.2: `[::1]:PORT`, as websockets and ws send it.
# Seen: autobahn, niquests, lomond, trio-websocket and websocket (npm) send `::1:PORT`, simple-websocket sends `::1`.
# It matters to a server that reads Host: `::1:8080` is itself an IPv6 address, so the port cannot be told from the address,
#   and a server that checks the field answers 400 to clients that work by name or by IPv4.
set -euo pipefail
source "$(dirname "$0")/common.bash"
pips autobahn==26.10.2 niquests==3.21.2 lomond==0.3.4 trio==0.35.0 trio-websocket==0.12.2 simple-websocket==1.1.0 \
    websockets==17.4
npms websocket@1.0.35 ws@8.23.0

cat >probe.py <<'PY'
import asyncio, socket, subprocess, sys
from importlib.metadata import version
from ws import Backend, fields

backend = Backend(family=socket.AF_INET6)
url = f"ws://[::1]:{backend.port}/"

def with_websockets():
    from websockets.sync.client import connect
    with connect(url, proxy=None):
        pass

def with_niquests():
    import niquests
    niquests.Session().get(url).extension.close()

def with_lomond():
    from lomond import WebSocket
    websocket = WebSocket(url)
    for event in websocket.connect():
        if event.name == "ready":
            websocket.close()

def with_trio_websocket():
    import trio
    from trio_websocket import open_websocket_url

    async def run():
        async with open_websocket_url(url):
            pass

    trio.run(run)

def with_simple_websocket():
    from simple_websocket import Client
    Client(url).close()

def with_autobahn():
    from autobahn.asyncio.websocket import WebSocketClientFactory, WebSocketClientProtocol

    async def run():
        closed = asyncio.Event()

        class Protocol(WebSocketClientProtocol):
            def onOpen(self):
                self.sendClose(1000)

            def onClose(self, clean, code, reason):
                closed.set()

        factory = WebSocketClientFactory(url)
        factory.protocol = Protocol
        await asyncio.get_running_loop().create_connection(factory, "::1", backend.port)
        await closed.wait()

    asyncio.run(run())

def node(program):
    return lambda: subprocess.run(["node", "-e", program, url], check=True, timeout=60)

bare, alone, right = f"::1:{backend.port}", "::1", f"[::1]:{backend.port}"
npm = 'console.log(require("./node_modules/%s/package.json").version)'
clients = {
    "autobahn": (with_autobahn, bare),
    "niquests": (with_niquests, bare),
    "lomond": (with_lomond, bare),
    "trio-websocket": (with_trio_websocket, bare),
    "simple-websocket": (with_simple_websocket, alone),
    "websockets": (with_websockets, right),
    "websocket (npm)": (node("""
        const client = new (require("websocket").client)();
        client.on("connect", (connection) => connection.close());
        client.on("connectFailed", (error) => { throw error; });
        client.connect(process.argv[1]);"""), bare),
    "ws (npm)": (node("""
        const socket = new (require("ws"))(process.argv[1]);
        socket.on("open", () => socket.close());"""), right),
}
same = True
for name, (run, stated) in clients.items():
    known = len(backend.heads)
    run()
    seen = fields(backend.heads[known], "host")[0]
    if "npm" in name:
        number = subprocess.check_output(["node", "-e", npm % name.split()[0]], text=True).strip()
    else:
        number = version(name)
    print(f"{name} {number}: Host: {seen.replace(str(backend.port), 'PORT')}")
    same &= seen == stated
sys.exit(not same)
PY
timeout 120 python probe.py || changed "six fields without brackets and two with them were expected"
