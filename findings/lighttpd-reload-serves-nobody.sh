#!/usr/bin/env bash
# lighttpd's graceful restart serves nobody new for about eight seconds when one WebSocket is open, and then cuts it.
#
# Installed: lighttpd 1.4.69-1 (Debian 12).
# Done: through lighttpd one WebSocket is opened; then it is sent SIGUSR1, and a file is asked for on a new connection. The
#   same is done without a WebSocket.
# Expected: a restart that is called graceful finishes what is open and serves what is new, as a reload does in nginx,
#   HAProxy, Apache and nghttpx.
# Seen: the file comes after more than six seconds; the WebSocket is cut then, without a close frame. Without an open
#   WebSocket the file is there at once.
# It matters because every reload, one for a certificate too, is an outage for all visitors where WebSockets are in use;
#   `server.graceful-shutdown-timeout` is its length.
set -euo pipefail
source "$(dirname "$0")/common.bash"
debs lighttpd=1.4.69-1

upstream=$(free_port)
mkdir files
echo "a page" >files/page.txt
lighttpd -v | sed -n 1p
for way in without with; do
    port=$(free_port)
    cat >"$way.conf" <<CONF
server.document-root = "$tmp/files"
server.bind = "127.0.0.1"
server.port = $port
server.modules = ("mod_proxy")
\$HTTP["url"] =~ "^/ws" {
    proxy.server = ("" => (("host" => "127.0.0.1", "port" => $upstream)))
    proxy.header = ("upgrade" => "enable")
}
CONF
    start lighttpd -D -f "$tmp/$way.conf" -m "$tmp/root/usr/lib/lighttpd"
    accepts "$port"
    echo "$way $port $last" >>servers
done

cat >probe.py <<'PY'
import os, signal, socket, sys, threading, time
from ws import CLOSE, Backend, read_frame, request

Backend(port=int(sys.argv[1]))

def page(port):
    """Seconds until the page is there, whatever it takes: refused connections are tried again."""
    began = time.monotonic()
    while time.monotonic() < began + 30:
        try:
            with socket.create_connection(("127.0.0.1", port)) as sock:
                sock.settimeout(30)
                sock.sendall(b"GET /page.txt HTTP/1.1\r\nHost: localhost\r\n\r\n")
                if b"200 OK" in sock.recv(1000):
                    return time.monotonic() - began
        except OSError:
            pass
        time.sleep(0.02)
    return 99

def until_cut(way, sock):
    """Reads to the end and closes its own half then, as any client does."""
    try:
        ends[way] = "closed by a frame" if read_frame(sock)[0] == CLOSE else "given data"
    except (EOFError, ConnectionError):
        ends[way] = "cut"
    except TimeoutError:
        ends[way] = "open"
    sock.close()

waited, ends, reloads = {}, {}, 0
for line in open("servers"):
    way, port, process = line.split()
    reader = threading.Thread()
    if way == "with":
        sock, head = request(int(port), path="/ws")
        assert " 101 " in head[0], head
        sock.settimeout(20)
        reader = threading.Thread(target=until_cut, args=(way, sock))
    page(int(port))
    os.kill(int(process), signal.SIGUSR1)
    reader.start()
    reloads += 1
    while open("log").read().count("graceful shutdown started") < reloads:
        time.sleep(0.01)
    waited[way] = page(int(port))
    reader.join()
    print(f"{way} a WebSocket the page took {waited[way]:.1f} s", f"the WebSocket is {ends[way]}" if ends else "")
sys.exit(not (waited["without"] < 3 and waited["with"] > 6 and ends["with"] == "cut"))
PY
PYTHONPATH=$here python3 probe.py "$upstream" || changed "a page was expected to wait for the end of the WebSocket"
