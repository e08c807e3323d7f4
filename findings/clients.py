"""What the programs of some clients are told when a WebSocket ends: `told(NAME, URL)` runs one and returns what it prints."""

import subprocess
import sys

NODE = {
    "ws": """
        const socket = new (require("ws"))(URL);
        socket.on("error", () => {});
        socket.on("close", (code, reason) => console.log(code, String(reason)));""",
    "websocket": """
        const client = new (require("websocket").client)();
        client.on("connect", (connection) => {
          connection.on("error", () => {});
          connection.on("close", (code, reason) => console.log(code, reason));
        });
        client.connect(URL);""",
    "faye-websocket": """
        const socket = new (require("faye-websocket").Client)(URL);
        socket.on("close", (event) => console.log(event.code, event.reason));""",
    "deno": """
        const socket = new WebSocket(URL);
        socket.onclose = (event) => console.log(event.code, event.reason);""",
}

PYTHON = {
    "aiohttp": """
import aiohttp, asyncio
async def run():
    async with aiohttp.ClientSession() as session, session.ws_connect(URL) as socket:
        message = await socket.receive()
        print(socket.close_code, message.extra or "")
asyncio.run(run())""",
    "autobahn": """
import asyncio, urllib.parse
from autobahn.asyncio.websocket import WebSocketClientFactory, WebSocketClientProtocol
async def run():
    closed = asyncio.Event()
    class Protocol(WebSocketClientProtocol):
        def onClose(self, clean, code, reason):
            print(code, reason)
            closed.set()
    factory = WebSocketClientFactory(URL)
    factory.protocol = Protocol
    await asyncio.get_running_loop().create_connection(factory, "127.0.0.1", urllib.parse.urlparse(URL).port)
    await closed.wait()
asyncio.run(run())""",
    "httpx-ws": """
import httpx_ws
with httpx_ws.connect_ws(URL) as socket:
    try:
        socket.receive()
    except httpx_ws.WebSocketDisconnect as error:
        print(int(error.code), error.reason or "")
    except httpx_ws.WebSocketNetworkError:
        print("network error")""",
    "lomond": """
from lomond import WebSocket
for event in WebSocket(URL).connect():
    if event.name in ("closing", "closed"):
        print(event.code, event.reason)
        break
    if event.name in ("protocol_error", "disconnected"):
        print(event)
        break""",
    "simple-websocket": """
from simple_websocket import Client, ConnectionClosed
try:
    Client(URL).receive()
except ConnectionClosed as error:
    print(int(error.reason), error.message or "")""",
}


def version(name):
    if name in PYTHON:
        from importlib.metadata import version as installed
        return installed(name)
    program = f'console.log(require("./node_modules/{name}/package.json").version)'
    return subprocess.check_output(["node", "-e", program], text=True).strip()


def told(name, url):
    if name == "deno":
        with open("program.js", "w") as file:
            file.write(f"const URL = '{url}';{NODE[name]}")
        command = ["node_modules/.bin/deno", "run", "--no-config", "-A", "program.js"]
    elif name in NODE:
        command = ["node", "-e", f"const URL = '{url}';{NODE[name]}"]
    else:
        command = [sys.executable, "-W", "ignore", "-c", f"URL = '{url}'\n{PYTHON[name]}"]
    run = subprocess.run(command, timeout=60, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return run.stdout.strip() or "nothing"
