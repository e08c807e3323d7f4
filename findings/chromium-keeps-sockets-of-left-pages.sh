#!/usr/bin/env bash
# Chromium keeps the WebSocket of a page that was left open and answers pings for it; on return the page finds it broken.
#
# Installed: chromium and chromium-common 156.0.8078.108-1~deb12u1 (Debian 12; the libraries that they need have to be there).
# Done: a page opens a WebSocket and goes to another page of the same site by itself. The server sends a ping and a message
#   every half second. Ten seconds later the second page goes back.
# Expected: Firefox and WebKit close the socket with 1001 as the page is left. A page in the back/forward cache runs no
#   script, so nobody reads what it is sent, and a ping that is answered is taken for a client that is there.
# Seen: `pagehide` says `persisted`; for ten seconds no close frame comes and every ping is answered (left alone it takes ten
#   minutes). On return the page gets `error` and `close` with 1006, and none of the messages; the server gets 1001 then.
# It matters to presence and to costs: for ten minutes a server takes somebody for there who has gone on, and what it sends is
#   lost without a sign. A page has to close the socket on `pagehide`, and open one on a `pageshow` that is `persisted`.
set -euo pipefail
source "$(dirname "$0")/common.bash"
debs chromium=156.0.8078.108-1~deb12u1 chromium-common=156.0.8078.108-1~deb12u1
browser=$tmp/root/usr/lib/chromium/chromium
if ldd "$browser" | grep "not found"; then changed "these libraries of Chromium are missing"; fi
"$browser" --version

cat >probe.py <<'PY'
import subprocess, sys, threading, time
from ws import CLOSE, PING, PONG, TEXT, Backend, fields, frame, read_exactly, read_frame

ONE = """<!doctype html><title>One</title><script>
const report = (what) => navigator.sendBeacon("/report", what);
const socket = new WebSocket(`ws://${location.host}/`);
let left = false, late = 0;
socket.onopen = () => setTimeout(() => { location.href = "/two"; }, 500);
socket.onmessage = () => { late += left; };
socket.onerror = () => report("error");
socket.onclose = (event) => report(`close ${event.code}, messages since it was left: ${late}`);
addEventListener("pagehide", (event) => { left = true; report(`left, persisted ${event.persisted}`); });
addEventListener("pageshow", (event) => { if (event.persisted) report("back"); });
</script>"""
TWO = """<!doctype html><title>Two</title><script>
setTimeout(() => history.back(), 10000);
</script>"""
began = time.monotonic()
reports, pongs, end = [], [], threading.Event()

def note(what):
    reports.append(what)
    print(f"{time.monotonic() - began:5.1f} s  {what}", flush=True)

def plain(sock, head):
    body = read_exactly(sock, int((fields(head, "content-length") or ["0"])[0])).decode()
    path = head[0].split()[1]
    if path == "/report":
        note(f"page: {body}")
        if body.startswith("close"):
            end.set()
    page = {"/one": ONE, "/two": TWO}.get(path, "").encode()
    sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n"
                 b"Content-Length: %d\r\n\r\n%b" % (len(page), page))

def serve(sock, head):
    threading.Thread(target=talk, args=(sock,), daemon=True).start()
    while True:
        opcode, payload = read_frame(sock)
        if opcode == PONG:
            pongs.append(time.monotonic())
        if opcode == CLOSE:
            note(f"server: close frame {int.from_bytes(payload[:2], 'big')}, {len(pongs)} pongs before it")

def talk(sock):
    try:
        while True:
            sock.sendall(frame(PING) + frame(TEXT, b"news"))
            time.sleep(0.5)
    except OSError:
        pass

server = Backend(serve, plain=plain)
browser = subprocess.Popen(
    [sys.argv[1], "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
     "--disable-component-update", "--disable-sync", "--user-data-dir=profile", f"http://127.0.0.1:{server.port}/one"],
    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
try:
    end.wait(60)
finally:
    browser.terminate()
    browser.wait(20)
stated = (
    "page: left, persisted true" in reports
    and "page: close 1006, messages since it was left: 0" in reports
    and "page: back" in reports and "page: error" in reports
    and any(report.startswith("server: close frame 1001") for report in reports)
    and len(pongs) >= 18
)
sys.exit(not stated)
PY
PYTHONPATH=$here python3 probe.py "$browser" || changed "a socket that lives until the page is shown again was expected"
