"""WebSockets on plain sockets, for the scripts of this folder: no library stands between them and what is observed."""

import base64
import hashlib
import os
import socket
import struct
import threading
import time

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


def accept_of(key):
    guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    return base64.b64encode(hashlib.sha1((key + guid).encode()).digest()).decode()


def read_exactly(sock, length):
    data = b""
    while len(data) < length:
        more = sock.recv(length - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def read_head(sock):
    """The lines of a request or response up to the empty one; not a byte more is read."""
    data = b""
    while not data.endswith(b"\r\n\r\n"):
        data += read_exactly(sock, 1)
    return data.decode("latin-1").split("\r\n")[:-2]


def fields(head, name):
    """The values of a header field, in order."""
    pairs = (line.partition(":") for line in head[1:])
    return [value.strip() for key, _, value in pairs if key.lower() == name.lower()]


def frame(opcode, payload=b"", mask=False, final=True, compressed=False):
    head = bytes([(0x80 if final else 0) | (0x40 if compressed else 0) | opcode])
    bit = 0x80 if mask else 0
    if len(payload) < 126:
        head += bytes([bit | len(payload)])
    else:
        head += bytes([bit | 126]) + struct.pack(">H", len(payload))
    if not mask:
        return head + payload
    key = os.urandom(4)
    return head + key + bytes(byte ^ key[i % 4] for i, byte in enumerate(payload))


def read_frame(sock, reserved=False):
    """Opcode and payload of the next frame, and if it is `reserved`, its first such bit; none is over 64 KiB here."""
    first, second = read_exactly(sock, 2)
    length = second & 0x7F
    if length == 126:
        (length,) = struct.unpack(">H", read_exactly(sock, 2))
    key = read_exactly(sock, 4) if second & 0x80 else bytes(4)
    payload = read_exactly(sock, length)
    payload = bytes(byte ^ key[i % 4] for i, byte in enumerate(payload))
    return (first & 0x0F, payload, first & 0x40 != 0) if reserved else (first & 0x0F, payload)


def request(port, *more, path="/", host="localhost"):
    """A client's socket after it has sent a handshake, and the head of the answer."""
    sock = socket.create_connection(("127.0.0.1", port))
    sock.settimeout(60)
    key = base64.b64encode(os.urandom(16)).decode()
    lines = [f"GET {path} HTTP/1.1", f"Host: {host}", "Connection: Upgrade", "Upgrade: websocket",
             "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {key}", *more, "", ""]
    sock.sendall("\r\n".join(lines).encode())
    return sock, read_head(sock)


def echo(sock):
    while True:
        opcode, payload = read_frame(sock)
        sock.sendall(frame(opcode, payload))
        if opcode == CLOSE:
            return


class Backend:
    """A server; `serve(sock, head)` runs in a thread for each WebSocket, after the 101 with the lines of `answer`,
    `plain(sock, head)` for others."""

    def __init__(self, serve=lambda sock, head: echo(sock), family=socket.AF_INET, port=0, plain=None, answer=()):
        self.serve = serve
        self.answer = answer
        self.plain = plain or (lambda sock, head: sock.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"))
        self.heads = []
        self.listener = socket.create_server(("127.0.0.1" if family == socket.AF_INET else "::1", port), family=family)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            sock, _ = self.listener.accept()
            threading.Thread(target=self._connection, args=(sock,), daemon=True).start()

    def _connection(self, sock):
        try:
            with sock:
                head = read_head(sock)
                self.heads.append(head)
                keys = fields(head, "sec-websocket-key")
                if not keys or not fields(head, "upgrade"):
                    return self.plain(sock, head)
                lines = ["HTTP/1.1 101 Switching Protocols", "Connection: Upgrade", "Upgrade: websocket",
                         f"Sec-WebSocket-Accept: {accept_of(keys[0])}", *self.answer, "", ""]
                sock.sendall("\r\n".join(lines).encode())
                self.serve(sock, head)
        except (EOFError, OSError):
            pass


class H2Client:
    """One HTTP/2 connection without TLS, made with the package h2 (imported here: most scripts do without)."""

    def __init__(self, port):
        from h2.config import H2Configuration
        from h2.connection import H2Connection

        self.sock = socket.create_connection(("127.0.0.1", port))
        self.h2 = H2Connection(H2Configuration(header_encoding="utf-8"))
        self.h2.initiate_connection()
        self.events = []
        self.flush()
        self.wait(lambda event: type(event).__name__ == "RemoteSettingsChanged")

    def flush(self):
        self.sock.sendall(self.h2.data_to_send())

    def connect(self, path="/"):
        """Asks for a WebSocket by an extended CONNECT; the stream's number."""
        return self.open([(":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "http"), (":path", path),
                          (":authority", "localhost"), ("sec-websocket-version", "13")])

    def get(self, path="/"):
        return self.open([(":method", "GET"), (":scheme", "http"), (":path", path), (":authority", "localhost")], True)

    def open(self, headers, end=False):
        stream = self.h2.get_next_available_stream_id()
        self.h2.send_headers(stream, headers, end_stream=end)
        self.flush()
        return stream

    def send(self, stream, data, end=False):
        self.h2.send_data(stream, data, end_stream=end)
        self.flush()

    def wait(self, wanted, seconds=20):
        """The first event so far that is wanted, or None when none has come in time."""
        deadline = time.monotonic() + seconds
        while True:
            for event in self.events:
                if wanted(event):
                    return event
            left = deadline - time.monotonic()
            if left <= 0:
                return None
            self.sock.settimeout(left)
            try:
                data = self.sock.recv(65536)
            except TimeoutError:
                return None
            if not data:
                return None
            for event in self.h2.receive_data(data):
                self.events.append(event)
                if type(event).__name__ == "DataReceived":
                    self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            self.flush()

    def status(self, stream, seconds=20):
        event = self.wait(lambda e: type(e).__name__ == "ResponseReceived" and e.stream_id == stream, seconds)
        return event and dict(event.headers)[":status"]
