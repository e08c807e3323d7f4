#!/usr/bin/env bash
# Go's nhooyr.io/websocket, which offers compression by default, refuses a server that says how small its window is.
#
# Installed: golang-nhooyr-websocket-dev 1.8.7-3, golang-github-gorilla-websocket-dev 1.5.0-2 (Debian 12), and to build them
#   golang-1.19-go and golang-1.19-src 1.19.8-2, golang-github-klauspost-compress-dev 1.15.12+ds1-3.
# Done: a server of plain sockets agrees on what each of the two clients offers, and adds server_max_window_bits=12, or not.
#   The client reads one message.
# Expected: RFC 7692, 7.1.2.1: a server may say so even if the client has not asked for it. What has such a window can be read
#   by everybody.
# Seen: nhooyr ends the connection: `unsupported permessage-deflate parameter: "server_max_window_bits=12"`. gorilla goes on.
# It matters to servers that have small windows to save memory: if they say so, programs with this client, which are many and
#   need not even know that it offers compression, do not get a connection at all.
set -euo pipefail
source "$(dirname "$0")/common.bash"
debs golang-1.19-go=1.19.8-2 golang-1.19-src=1.19.8-2 golang-nhooyr-websocket-dev=1.8.7-3 \
    golang-github-gorilla-websocket-dev=1.5.0-2 golang-github-klauspost-compress-dev=1.15.12+ds1-3

mkdir -p go/src/nhooyr go/src/gorilla
cat >go/src/nhooyr/main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"os"

	"nhooyr.io/websocket"
)

func main() {
	socket, _, err := websocket.Dial(context.Background(), os.Args[1], nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, message, err := socket.Read(context.Background())
	fmt.Println(string(message), err)
}
GO
cat >go/src/gorilla/main.go <<'GO'
package main

import (
	"fmt"
	"os"

	"github.com/gorilla/websocket"
)

func main() {
	dialer := websocket.Dialer{EnableCompression: true}
	socket, _, err := dialer.Dial(os.Args[1], nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, message, err := socket.ReadMessage()
	fmt.Println(string(message), err)
}
GO
export GOROOT=$tmp/root/usr/lib/go-1.19 GOPATH=$tmp/go:$tmp/root/usr/share/gocode GO111MODULE=off GOFLAGS='' GOCACHE=$tmp/cache
for client in nhooyr gorilla; do "$GOROOT/bin/go" build -o "$client-client" "$client"; done

cat >probe.py <<'PY'
import subprocess, sys
from ws import TEXT, Backend, fields, frame, read_frame

OFFER = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"

def serve(sock, head):
    sock.sendall(frame(TEXT, b"welcome"))
    read_frame(sock)

same = True
for name, refuses in (("nhooyr", True), ("gorilla", False)):
    for more in ("", "; server_max_window_bits=12"):
        backend = Backend(serve, answer=[f"Sec-WebSocket-Extensions: {OFFER}{more}"])
        url = f"ws://127.0.0.1:{backend.port}/"
        said = subprocess.run([f"./{name}-client", url], timeout=30, text=True, capture_output=True).stdout.strip()
        [offer] = fields(backend.heads[0], "sec-websocket-extensions")
        print(f"{name} offers {offer}; with {more.strip('; ') or 'nothing more'}: {said}")
        fails = refuses and more != ""
        same &= sorted(offer.split("; ")) == sorted(OFFER.split("; "))
        same &= ("unsupported permessage-deflate parameter" in said if fails else said == "welcome <nil>")
sys.exit(not same)
PY
PYTHONPATH=$here python3 probe.py || changed "other answers are refused than stated"
