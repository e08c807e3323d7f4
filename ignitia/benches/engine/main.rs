//! Cost of rooms on an engine, beside a bare `PUBLISH` and beside rooms in memory, in one run:
//! messages per second, latency, CPU time of a node, and the time in which ten thousand rooms are
//! heard again.
//!
//! It starts `redis-server`, or the program in `REDIS_SERVER`. Run it on a quiet machine:
//! `cargo bench -p ignitia --features redis --bench engine`.

#![allow(clippy::unwrap_used, reason = "an unexpected error must fail the bench")]

mod delivery_cost;
mod heap;
mod latency;
mod member;
mod nodes;
mod promise;
mod redis_server;
mod resubscription;
mod throughput;

use self::{promise::Promise, redis_server::RedisServer};

fn main() {
    if std::env::args().any(|argument| argument == "--list") {
        return;
    }
    rlimit::increase_nofile_limit(4_096).unwrap();
    let server = RedisServer::start();
    let mut promises = vec![throughput::compare(&server)];
    promises.extend(latency::compare(&server));
    promises.push(delivery_cost::compare(&server));
    promises.extend(resubscription::measure(&server));
    for Promise { what, value, least, most } in &promises {
        let holds = (*least..=*most).contains(value);
        println!("{what:64} {value:>10.2}{}", if holds { "" } else { "  <- promised otherwise" });
    }
    let holds = |promise: &Promise| (promise.least..=promise.most).contains(&promise.value);
    assert!(promises.iter().all(holds), "a promise is broken");
}
