"""What Python runs, with `websockets`. `program.py FILE` prints its version, sends the messages of the file to each URL that
it reads from stdin, and prints a line of JSON about each.
"""

import asyncio
import base64
import json
import sys

import websockets


def decoded(message):
    return message["text"] if "text" in message else base64.b64decode(message["base64"])


async def exchange(url, messages):
    wrong = []
    async with websockets.connect(url) as socket:

        async def compare(message):
            if await socket.recv() != decoded(message):
                wrong.append(message["name"])

        async def fragments(message):
            for part in message["parts"]:
                yield part if "text" in message else base64.b64decode(part)
                await socket.ping()

        for message in messages["oneByOne"]:
            await socket.send(decoded(message))
            await compare(message)
        for message in messages["atOnce"]:
            await socket.send(decoded(message))
        for message in messages["atOnce"]:
            await compare(message)
        for message in messages["inFragments"]:
            await socket.send(fragments(message))
            await compare(message)
        await socket.close(1000)
        return {
            # It has no property for the extensions: the response's field has what it accepted.
            "extensions": socket.response.headers.get("Sec-WebSocket-Extensions", ""),
            "wrong": wrong,
            "unread": 0,
            "code": socket.close_code,
            "wasClean": socket.protocol.close_rcvd is not None,
        }


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        messages = json.load(file)
    print(f"websockets {websockets.__version__}", flush=True)
    for url in sys.stdin:
        try:
            result = asyncio.run(exchange(url.strip(), messages))
        except Exception as error:
            result = {"error": repr(error)}
        print(json.dumps(result), flush=True)


main()
