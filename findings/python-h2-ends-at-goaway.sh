#!/usr/bin/env bash
# Python's h2 takes a graceful GOAWAY for the end of the whole connection.
#
# Installed: h2 4.4.1, hyperframe 6.1.0, hpack 4.2.0 (PyPI).
# Done: a client and a server, both h2 and both in memory, open stream 1 by an extended CONNECT. Then the client is given
#   GOAWAY with NO_ERROR and a last stream id above that stream, and on the still open stream a DATA frame.
# Expected: RFC 9113, 6.8: streams up to the last stream id go on; a server that is about to stop sends just this frame.
# Seen: every later frame of that stream, and a PING, is a ProtocolError, in both directions.
# It matters because proxies send this GOAWAY at each reload: a client or a test made with h2 loses all its WebSockets
#   there, though the proxy keeps them.
set -euo pipefail
source "$(dirname "$0")/common.bash"
pips h2==4.4.1 hyperframe==6.1.0 hpack==4.2.0

python - <<'PY'
import sys
from importlib.metadata import version
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.exceptions import ProtocolError
from h2.settings import SettingCodes
from hyperframe.frame import DataFrame, GoAwayFrame, PingFrame

def opened(goaway):
    client, server = (H2Connection(H2Configuration(client_side=side)) for side in (True, False))
    server.local_settings[SettingCodes.ENABLE_CONNECT_PROTOCOL] = 1
    client.initiate_connection()
    server.initiate_connection()
    client.send_headers(1, [(":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "https"),
                            (":path", "/"), (":authority", "localhost")])
    server.receive_data(client.data_to_send())
    server.send_headers(1, [(":status", "200")])
    client.receive_data(server.data_to_send())
    client.data_to_send()
    if goaway:
        client.receive_data(GoAwayFrame(0, last_stream_id=2**31 - 1, error_code=0).serialize())
    return client

steps = {
    "DATA arrives": lambda c: c.receive_data(DataFrame(1, b"two").serialize()),
    "DATA is sent": lambda c: c.send_data(1, b"three"),
    "PING arrives": lambda c: c.receive_data(PingFrame(0, b"12345678").serialize()),
}
print("h2", version("h2"))
same = True
for goaway in False, True:
    for name, step in steps.items():
        try:
            step(opened(goaway))
            seen = "fine"
        except ProtocolError as error:
            seen = f"{type(error).__name__}: {error}"
        print(f"{'after GOAWAY' if goaway else 'before it':12} {name}: {seen}")
        same &= seen.startswith("ProtocolError") == goaway
if not same:
    sys.exit("CHANGED: open streams were expected to fail after GOAWAY, and only then")
PY
