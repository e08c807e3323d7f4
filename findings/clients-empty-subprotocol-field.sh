#!/usr/bin/env bash
# tcllib's websocket, and libsoup with an empty list of subprotocols, send an empty Sec-WebSocket-Protocol; tcllib also says
# `Connection: close` before `Connection: Upgrade`.
#
# Installed: tcllib 1.21+dfsg-1, tcl8.6 and libtcl8.6 8.6.13+dfsg-2, libsoup-3.0-0 and gir1.2-soup-3.0 3.2.3-0+deb12u2
#   (Debian 12; libsoup is called through the system's python3-gi).
# Done: each opens a WebSocket without a subprotocol on a server of plain sockets: tcllib by `websocket::open` with no more than
#   a handler, libsoup with `[]` and with no list.
# Expected: RFC 6455, 4.3: the field is a list of one token or more; who wants no subprotocol leaves the field out.
# Seen: the field is there and empty, with tcllib always, with libsoup for `[]`. tcllib asks to close the connection and to
#   upgrade it, in two fields.
# It matters to servers that read the field by its grammar: they refuse these handshakes with 400, and servers that decide by
#   the first Connection field do not see an upgrade. An empty field has to be taken for none, to serve these clients.
set -euo pipefail
source "$(dirname "$0")/common.bash"
python=$(command -p -v python3) # Debian's, whatever else is installed
"$python" -c "import gi" || changed "python3-gi is not there"
debs tcllib=1.21+dfsg-1 tcl8.6=8.6.13+dfsg-2 libtcl8.6=8.6.13+dfsg-2 libsoup-3.0-0=3.2.3-0+deb12u2 \
    gir1.2-soup-3.0=3.2.3-0+deb12u2

cat >open.tcl <<'TCL'
package require websocket
puts "tcllib's websocket [package require websocket], http [package require http], Tcl [info patchlevel]"
proc handler {socket type message} {
    if {$type eq "connect"} { websocket::close $socket }
    if {$type in {close disconnect error}} { exit }
}
websocket::open [lindex $argv 0] handler
vwait forever
TCL
cat >open.py <<'PY'
import sys
import gi
gi.require_version("Soup", "3.0")
from gi.repository import GLib, Soup

url, protocols = sys.argv[1], [] if sys.argv[2] == "empty" else None
loop, session = GLib.MainLoop(), Soup.Session()
print(f"libsoup {Soup.get_major_version()}.{Soup.get_minor_version()}.{Soup.get_micro_version()}")

def opened(session, result):
    session.websocket_connect_finish(result)
    loop.quit()

session.websocket_connect_async(Soup.Message.new("GET", url), None, protocols, 0, None, opened)
loop.run()
PY
cat >probe.py <<'PY'
import os, subprocess, sys
from ws import Backend, fields

backend = Backend()
url = f"ws://127.0.0.1:{backend.port}/"
root = os.path.abspath("root/usr")
env = dict(os.environ, TCL_LIBRARY=f"{root}/share/tcltk/tcl8.6", TCLLIBPATH=f"{root}/share/tcltk",
           GI_TYPELIB_PATH=os.environ["LD_LIBRARY_PATH"] + "/girepository-1.0")
stated = {
    ("tclsh8.6", "open.tcl", url): ([""], ["close", "Upgrade"]),
    (sys.argv[1], "open.py", url, "empty"): ([""], ["Upgrade"]),
    (sys.argv[1], "open.py", url, "none"): ([], ["Upgrade"]),
}
same = True
for command, expected in stated.items():
    subprocess.run(command, env=env, check=True, timeout=60)
    head = backend.heads[-1]
    seen = fields(head, "sec-websocket-protocol"), fields(head, "connection")
    print(f"  {command[1]} {' '.join(command[3:])}: Sec-WebSocket-Protocol {seen[0]}, Connection {seen[1]}")
    same &= seen == expected
sys.exit(not same)
PY
PYTHONUNBUFFERED=1 PYTHONPATH=$here python3 probe.py "$python" || changed "empty fields were expected from tcllib and for an empty list"
