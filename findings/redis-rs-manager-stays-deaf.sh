#!/usr/bin/env bash
# The connection manager of the Rust crate redis hears nothing any more after an outage of twenty seconds.
#
# Installed: redis-server and redis-tools 5:7.0.15-1~deb12u10, libjemalloc2 5.3.0-1, liblzf1 3.6-3 (Debian 12); redis 1.8.1 and
#   tokio 1.54.1 (built with the cargo that is there).
# Done: a program subscribes to a channel through ConnectionManager with `set_automatic_resubscription` and a push sender,
#   and prints what it hears. The server is stopped for 2 seconds and started again; then for 20 seconds; then the program
#   sends one PING.
# Expected: its documentation: with RESP3 the manager listens to the connection and reconnects even when it is not used; with
#   the option it subscribes again then.
# Seen: after 2 seconds the subscription is back. After 20 seconds the server has no subscriber for the next 30 seconds, and
#   the program is told nothing after `Disconnection`; with the PING the subscription is back. It dials six times, for
#   about seven seconds, and then waits for a command.
# It matters because a process that only listens never sends one: a restart of Redis that takes longer than that leaves it
#   connected to nothing, without an error, for ever.
set -euo pipefail
source "$(dirname "$0")/common.bash"
debs redis-server=5:7.0.15-1~deb12u10 redis-tools=5:7.0.15-1~deb12u10 libjemalloc2=5.3.0-1 liblzf1=3.6-3

mkdir -p listener/src
cat >listener/Cargo.toml <<'TOML'
[package]
name = "listener"
version = "0.0.0"
edition = "2021"

[dependencies]
redis = { version = "=1.8.1", default-features = false, features = ["connection-manager", "tokio-comp"] }
tokio = { version = "=1.54.1", features = ["macros", "rt", "sync"] }

[workspace]
TOML
cat >listener/src/main.rs <<'RUST'
use redis::{aio::{ConnectionManager, ConnectionManagerConfig}, Client};
use tokio::sync::mpsc::unbounded_channel;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let url = format!("redis://127.0.0.1:{}/?protocol=resp3", std::env::args().nth(1).unwrap());
    let (pushes, mut heard) = unbounded_channel();
    let config = ConnectionManagerConfig::new().set_push_sender(pushes).set_automatic_resubscription();
    let mut manager = ConnectionManager::new_with_config(Client::open(url).unwrap(), config).await.unwrap();
    manager.subscribe("news").await.unwrap();
    let (lines, mut pings) = unbounded_channel();
    std::thread::spawn(move || std::io::stdin().lines().try_for_each(|_| lines.send(())));
    loop {
        tokio::select! {
            Some(push) = heard.recv() => println!("program: {:?} {:?}", push.kind, push.data),
            Some(()) = pings.recv() => {
                let answer: redis::RedisResult<String> = redis::cmd("PING").query_async(&mut manager).await;
                println!("program: PING {answer:?}");
            }
            else => break,
        }
    }
}
RUST
cargo build -q --manifest-path listener/Cargo.toml --target-dir target
redis-server --version | cut -d ' ' -f 1-3
cargo tree -q --manifest-path listener/Cargo.toml --depth 1 --prefix none | sed -n 's/^redis/crate &/p'

port=$(free_port)
up() {
    start redis-server --port "$port" --save ""
    server=$last
    accepts "$port"
}
down() {
    kill "$server"
    wait "$server" || true
}
# back SECONDS: whether the server has a subscriber within that time.
back() {
    for ((i = 0; i < $1 * 10; i++)); do
        if [ "$(redis-cli -p "$port" pubsub numsub news | tail -1)" = 1 ]; then return 0; fi
        sleep 0.1
    done
    return 1
}
up
mkfifo lines
# The pipe stays open for writing, and the program's own output is shown at the end.
exec 3<>lines
start target/debug/listener "$port" <&3
back 10 || changed "it never subscribed"
for outage in 2 20; do
    down
    sleep "$outage"
    up
    if back 30; then is=subscribed; else is=deaf; fi
    echo "after an outage of $outage s, within 30 s: $is"
    echo "$is" >"after$outage"
done
echo >&3
if back 10; then is=subscribed; else is=deaf; fi
echo "after a PING of the program: $is"
grep '^program' log
[ "$(cat after2 after20) $is" = "subscribed
deaf subscribed" ] || changed "it was expected to be deaf after the longer outage only, until it sends a command"
