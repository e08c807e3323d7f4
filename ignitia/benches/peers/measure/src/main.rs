//! Servers side by side: what a message costs each of them in CPU time, in one interleaved run.
//!
//!     cargo build --release && target/release/measure [--rounds 5] [--seconds 2] [SCENARIO ..]
//!
//! A server has core 0 and one scenario, the load core 1; then it is the next server's turn. What is printed are medians.
//! Only ratios within one table mean anything: machines differ, and so do their moods.

mod cost;
mod frames;
mod load;
mod scenarios;
mod servers;

use std::time::Duration;

use self::{
    scenarios::{SCENARIOS, Scenario},
    servers::{SERVERS, Server},
};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (mut rounds, mut seconds, mut wanted) = (5, 2.0, Vec::new());
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().unwrap_or_else(|| usage());
        match &argument[..] {
            load::SUBCOMMAND => return load::main(arguments),
            "--rounds" => rounds = value().parse().unwrap_or_else(|_| usage()),
            "--seconds" => seconds = value().parse().unwrap_or_else(|_| usage()),
            name => wanted.push(Scenario::find(name).unwrap_or_else(|| usage())),
        }
    }
    if wanted.is_empty() {
        wanted.extend(SCENARIOS.iter());
    }
    for scenario in wanted {
        table(scenario, rounds, Duration::from_secs_f64(seconds));
    }
}

fn usage() -> ! {
    let names: Vec<&str> = SCENARIOS.iter().map(|scenario| scenario.name).collect();
    eprintln!("usage: measure [--rounds N] [--seconds S] [SCENARIO ..]\nscenarios: {}", names.join(" "));
    std::process::exit(2);
}

/// Runs a scenario on every server that has it, in turns, and prints what it cost.
fn table(scenario: &Scenario, rounds: usize, span: Duration) {
    let servers: Vec<&Server> = SERVERS.iter().filter(|server| server.serves(scenario)).collect();
    let mut costs = vec![Vec::new(); servers.len()];
    for _ in 0..rounds {
        for (server, costs) in servers.iter().zip(&mut costs) {
            costs.push(server.measure(scenario, span));
        }
    }
    let medians: Vec<f64> = costs.into_iter().map(median).collect();
    println!("\n{}: {}", scenario.name, scenario.unit);
    for (server, cost) in servers.iter().zip(&medians) {
        print!("  {:16} {cost:>12.3}", server.name);
        for (other, base) in servers.iter().zip(&medians) {
            if other.name != server.name {
                print!("   {:.2} x {}", cost / base, other.name);
            }
        }
        println!();
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
