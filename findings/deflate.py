"""permessage-deflate by hand: servers with a fixed answer and fixed frames, and the programs of some clients.

`received(NAME, URL)` runs one, and returns the messages that it gets, bytes as "<N bytes>", with "closed" or an error behind
them. What it sends goes first: `SENDS`.
"""

import json
import subprocess
import sys
import zlib

from ws import CLOSE, Backend, frame, read_frame

TAIL = b"\0\0\xff\xff"
# Long enough for those that leave short ones as they are.
SENDS = ["one and the same text, " * 60] * 2


def deflated(data, compressor=None):
    """A message as RFC 7692 has it, by itself or behind what the compressor had before."""
    compressor = compressor or zlib.compressobj(wbits=-15)
    return (compressor.compress(data) + compressor.flush(zlib.Z_SYNC_FLUSH)).removesuffix(TAIL)


class DeflatingBackend(Backend):
    """Answers with an extension, sends frames, closes with 1000, and keeps what came as (compressed, payload)."""

    def __init__(self, answer, frames):
        super().__init__(self._talk, answer=[f"Sec-WebSocket-Extensions: {answer}"])
        self.frames = frames
        self.came = []

    def _talk(self, sock, head):
        while len(self.came) < len(SENDS):
            opcode, payload, compressed = read_frame(sock, reserved=True)
            self.came.append((compressed, payload))
        for each in self.frames:
            sock.sendall(each)
        sock.sendall(frame(CLOSE, b"\x03\xe8"))
        while read_frame(sock)[0] != CLOSE:
            pass


BROWSERLIKE = """
    socket.binaryType = "arraybuffer";
    socket.onopen = () => SENDS.forEach((text) => socket.send(text));
    socket.onmessage = ({ data }) => tell(typeof data === "string" ? data : `<${data.byteLength} bytes>`);
    socket.onerror = () => {};
    socket.onclose = ({ code }) => {
      tell(code === 1000 ? "closed" : "failed");
      setImmediate(() => process.exit());
    };"""

NODE = {
    "ws": f"""const socket = new (require("ws"))(ADDRESS, {{ maxPayload: SIZE }});{BROWSERLIKE}""",
    "undici": f"""const socket = new (require("undici").WebSocket)(ADDRESS);{BROWSERLIKE}""",
    "faye-websocket": f"""
        const socket = new (require("faye-websocket").Client)(ADDRESS, [], {{ extensions: [require("permessage-deflate")] }});
        {BROWSERLIKE}""",
}

PYTHON = {
    "websockets": """
import websockets
async def run():
    async with websockets.connect(URL, max_size=SIZE) as socket:
        for text in SENDS:
            await socket.send(text)
        try:
            while True:
                tell(await socket.recv())
        except websockets.ConnectionClosedOK:
            tell("closed")""",
    "aiohttp": """
import aiohttp
async def run():
    async with aiohttp.ClientSession() as session, session.ws_connect(URL, compress=15, max_msg_size=SIZE) as socket:
        for text in SENDS:
            await socket.send_str(text)
        while (message := await socket.receive()).type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
            tell(message.data)
        tell("closed" if socket.close_code == 1000 else "failed")""",
    "tornado": """
import logging
from tornado.websocket import websocket_connect
logging.disable()
async def run():
    socket = await websocket_connect(URL, compression_options={}, max_message_size=SIZE)
    for text in SENDS:
        socket.write_message(text)
    while (message := await socket.read_message()) is not None:
        tell(message)
    tell("closed" if socket.close_code == 1000 else "failed")""",
    "autobahn": """
import urllib.parse
from autobahn.asyncio.websocket import WebSocketClientFactory, WebSocketClientProtocol
from autobahn.websocket.compress import PerMessageDeflateOffer, PerMessageDeflateResponseAccept
async def run():
    closed = asyncio.Event()
    class Protocol(WebSocketClientProtocol):
        def onOpen(self):
            for text in SENDS:
                self.sendMessage(text.encode())
        def onMessage(self, payload, is_binary):
            tell(payload if is_binary else payload.decode())
        def onClose(self, clean, code, reason):
            tell("closed" if code == 1000 else "failed")
            closed.set()
    factory = WebSocketClientFactory(URL)
    factory.protocol = Protocol
    factory.setProtocolOptions(
        maxMessagePayloadSize=SIZE,
        perMessageCompressionOffers=[PerMessageDeflateOffer(request_no_context_takeover=False)],
        perMessageCompressionAccept=PerMessageDeflateResponseAccept)
    await asyncio.get_running_loop().create_connection(factory, "127.0.0.1", urllib.parse.urlparse(URL).port)
    await closed.wait()""",
    "niquests": """
import niquests
async def run():
    async with niquests.AsyncSession() as session:
        socket = (await session.get(URL)).extension
        for text in SENDS:
            await socket.send_payload(text)
        while (message := await socket.next_payload()) is not None:
            tell(message)
        tell("closed")""",
}


def version(name):
    if name in PYTHON:
        from importlib.metadata import version as installed
        return installed(name)
    program = f'console.log(require("./node_modules/{name}/package.json").version)'
    return subprocess.check_output(["node", "-e", program], text=True).strip()


def received(name, url, size=1 << 20):
    if name in NODE:
        program = f"""
            const [ADDRESS, SENDS, SIZE] = {json.dumps([url, SENDS, size])};
            const tell = (what) => console.log(JSON.stringify(what));
            {NODE[name]}"""
        command = ["node", "-e", program]
    else:
        program = f"""
import asyncio, json
URL, SENDS, SIZE = {[url, SENDS, size]!r}
def tell(what):
    print(json.dumps(what if isinstance(what, str) else f"<{{len(what)}} bytes>"), flush=True)
{PYTHON[name]}
try:
    asyncio.run(run())
except Exception as error:
    tell("failed")"""
        command = [sys.executable, "-W", "ignore", "-c", program]
    run = subprocess.run(command, timeout=60, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return [json.loads(line) for line in run.stdout.splitlines()]
