#!/usr/bin/env bash
# Apache lets a client open 100 streams over HTTP/2 and answers the seventh request only when a WebSocket has ended.
#
# Installed: apache2-bin 2.4.71-1~deb12u1, libapr1 1.7.2-3+deb12u1, libaprutil1 1.6.3-1+deb12u1, liblua5.3-0 5.3.6-2
#   (Debian 12); h2 4.4.1 (PyPI).
# Done: Apache with `H2WebSockets on` and 128 threads passes WebSockets on. Over one HTTP/2 connection seven are opened, and
#   a file is asked for.
# Expected: RFC 9113, 5.1.2: SETTINGS_MAX_CONCURRENT_STREAMS says how many streams may be open, and Apache says 100.
# Seen: six WebSockets open. The seventh and the GET get no answer for ten seconds; when one WebSocket is closed the
#   seventh opens, when another is closed the GET is answered.
# It matters because browsers share one HTTP/2 connection among all tabs of a site: six open tabs with a WebSocket each, and
#   in the seventh not even the page loads.
set -euo pipefail
source "$(dirname "$0")/common.bash"
debs apache2-bin=2.4.71-1~deb12u1 libapr1=1.7.2-3+deb12u1 libaprutil1=1.6.3-1+deb12u1 liblua5.3-0=5.3.6-2
pips h2==4.4.1

port=$(free_port) upstream=$(free_port)
mkdir htdocs
echo "a page" >htdocs/page.txt
{
    echo "ServerRoot $tmp"
    for module in mpm_event authz_core http2 proxy proxy_http; do
        echo "LoadModule ${module}_module $tmp/root/usr/lib/apache2/modules/mod_$module.so"
    done
    cat <<CONF
ServerName localhost
Listen 127.0.0.1:$port
PidFile $tmp/pid
ErrorLog $tmp/error.log
DefaultRuntimeDir $tmp
StartServers 2
ThreadsPerChild 64
MaxRequestWorkers 128
Protocols h2c http/1.1
H2WebSockets on
ProxyPass /ws http://127.0.0.1:$upstream/ws upgrade=websocket
DocumentRoot $tmp/htdocs
CONF
} >httpd.conf
apache2 -v | sed -n 1p
start apache2 -D FOREGROUND -f "$tmp/httpd.conf"
accepts "$port"

cat >probe.py <<'PY'
import sys
from h2.settings import SettingCodes
from ws import CLOSE, Backend, H2Client, frame

port, upstream = map(int, sys.argv[1:])
Backend(port=upstream)
client = H2Client(port)
print("MAX_CONCURRENT_STREAMS:", client.h2.remote_settings[SettingCodes.MAX_CONCURRENT_STREAMS])
streams = []
for _ in range(6):
    streams.append(client.connect("/ws"))
    client.status(streams[-1])
print("first six:", [client.status(stream) for stream in streams])
seventh, page = client.connect("/ws"), client.get("/page.txt")
before = client.status(seventh, 10), client.status(page, 0)
print("ten seconds later, the seventh and the page:", *before)
after = []
for stream, waiting in zip(streams, (seventh, page)):
    client.send(stream, frame(CLOSE, b"\x03\xe8", mask=True), end=True)
    after.append(client.status(waiting))
print("after a WebSocket was closed, and another:", *after)
stated = client.h2.remote_settings[SettingCodes.MAX_CONCURRENT_STREAMS] == 100 and before == (None, None)
sys.exit(not (stated and [client.status(stream) for stream in streams] + after == ["200"] * 8))
PY
python probe.py "$port" "$upstream" || changed "six WebSockets were expected to keep a seventh and a page waiting"
