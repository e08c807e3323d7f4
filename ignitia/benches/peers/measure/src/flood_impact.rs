//! Effect of a flooding connection on the latency of quiet ones.

use std::time::Duration;

use crate::{quiet_clients, servers::SERVERS, statistics::medians};

pub const NAME: &str = "noisy";

/// Runs on every server, in turns, and prints the latency of the quiet connections.
pub fn run(rounds: usize, span: Duration) {
    let mut results = vec![Vec::new(); SERVERS.len()];
    for _ in 0..rounds {
        for (server, results) in SERVERS.iter().zip(&mut results) {
            results.push(server.start(&[]).load(&[quiet_clients::SUBCOMMAND], span));
        }
    }
    println!("\n{NAME}: us until the echo on a quiet connection, alone and beside a flood");
    println!(
        "  {:16} {:>10} {:>10} {:>10} {:>10} {:>10} {:>10}   the flood",
        "", "p50 alone", "p50", "ratio", "p99 alone", "p99", "ratio"
    );
    for (server, results) in SERVERS.iter().zip(&results) {
        let [p50_alone, p99_alone, p50, p99, flood, busy] = medians(results);
        println!(
            "  {:16} {p50_alone:>10.1} {p50:>10.1} {:>10.2} {p99_alone:>10.1} {p99:>10.1} {:>10.2}   \
             {flood:.0} messages a second, server busy {:.0} %",
            server.name,
            p50 / p50_alone,
            p99 / p99_alone,
            busy * 100.0,
        );
    }
}
