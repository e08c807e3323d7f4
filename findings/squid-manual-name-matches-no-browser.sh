#!/usr/bin/env bash
# Squid's rule for upgrades, with the name that its manual gives as the example, lets no browser's WebSocket through.
#
# Installed: squid and squid-common 5.7-2+deb12u6, libecap3 1.0.1-3.4, libltdl7 2.4.7-7~deb12u1, libnetfilter-conntrack3
#   1.0.9-3, libnfnetlink0 1.0.2-2, squid-langpack 20220130-1 (Debian 12).
# Done: Squid as an accelerator in front of a WebSocket server, once with `http_upgrade_request_protocols WebSocket allow
#   all`, once with `websocket`. A client asks for a WebSocket with the field as browsers write it: `Upgrade: websocket`.
# Expected: RFC 6455, 4.2.1: the keyword is compared without case. RFC 9110, 7.8: names of protocols should be, too. Squid's
#   own manual says that it compares with case, and names "WebSocket" as its example.
# Seen: with `WebSocket` the upstream gets a plain GET without Upgrade; with `websocket` the client gets its 101.
# It matters because the rule that was copied from the manual looks right, and the server is the one that answers 426 or 400.
set -euo pipefail
source "$(dirname "$0")/common.bash"
debs squid=5.7-2+deb12u6 squid-common=5.7-2+deb12u6 libecap3=1.0.1-3.4 libltdl7=2.4.7-7~deb12u1 \
    libnetfilter-conntrack3=1.0.9-3 libnfnetlink0=1.0.2-2 squid-langpack=20220130-1

for name in WebSocket websocket; do
    port=$(free_port) upstream=$(free_port)
    mkdir "$name"
    chmod 777 "$name" # Squid gives up the rights of root, if it has them
    cat >"$name/squid.conf" <<CONF
http_port 127.0.0.1:$port accel defaultsite=localhost
cache_peer 127.0.0.1 parent $upstream 0 no-query no-digest originserver
http_access allow all
http_upgrade_request_protocols $name allow all
access_log none
cache deny all
cache_log $tmp/$name/cache.log
pid_filename $tmp/$name/pid
mime_table $tmp/root/usr/share/squid/mime.conf
icon_directory $tmp/root/usr/share/squid/icons
error_directory $tmp/root/usr/share/squid-langpack/en
coredump_dir $tmp/$name
pinger_enable off
shutdown_lifetime 1 second
unlinkd_program $tmp/root/usr/lib/squid/unlinkd
cache_effective_user nobody
netdb_filename none
CONF
    echo "$name $port $upstream" >>proxies
done
squid -v | sed -n 1p
sed -n 's/^#.*\(explicit protocol name (e.g. [^)]*)\).*/its configuration file says: \1/p' "$tmp/root/etc/squid/squid.conf"
while read -r name port upstream; do
    start squid -N -n "findings$port" -f "$tmp/$name/squid.conf"
    accepts "$port"
done <proxies

cat >probe.py <<'PY'
import sys, time
from ws import Backend, fields, request

seen = {}
for line in open("proxies"):
    name, port, upstream = line.split()
    backend = Backend(port=int(upstream))
    for _ in range(100):
        _, answer = request(int(port))
        if not answer[0].split()[1].startswith("5"):
            break
        time.sleep(0.1)  # Squid listens a moment before it knows its upstream.
    head = next(head for head in backend.heads if fields(head, "sec-websocket-version"))
    print(f"{name}: the upstream sees Upgrade {fields(head, 'upgrade')}, the client {answer[0]}")
    seen[name] = answer[0].split()[1]
sys.exit(seen != {"WebSocket": "400", "websocket": "101"})
PY
PYTHONPATH=$here python3 probe.py || changed "400 from the server behind WebSocket and 101 behind websocket were expected"
