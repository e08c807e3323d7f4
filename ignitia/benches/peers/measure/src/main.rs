//! Servers side by side: what a message costs each of them in CPU time, in one interleaved run.
//!
//!     cargo build --release && target/release/measure [--rounds 5] [--seconds 2] [SCENARIO ..]
//!     target/release/measure curves [--rounds 5] [--seconds 2] [--pictures DIRECTORY] [CURVE ..]
//!
//! A server has core 0 and one scenario, the load core 1; then it is the next server's turn. What is printed are medians.
//! Only ratios within one table mean anything: machines differ, and so do their moods.

mod cost;
mod curves;
mod flood;
mod frames;
mod load;
mod noisy;
mod pictures;
mod points;
mod quiet;
mod scenarios;
mod servers;

use std::{path::PathBuf, process::ExitCode, time::Duration};

use self::{
    curves::{CURVES, Curve},
    scenarios::{SCENARIOS, Scenario},
    servers::{SERVERS, Server},
};

/// What the command line asks for.
struct Wanted {
    rounds: usize,
    span: Duration,
    pictures: Option<PathBuf>,
    names: Vec<String>,
}

fn main() -> ExitCode {
    // For the servers and the load alike: they inherit it.
    let descriptors = rlimit::increase_nofile_limit(u64::MAX).expect("a limit") as usize;
    let mut arguments = std::env::args().skip(1);
    let (mut rounds, mut seconds, mut pictures, mut names) = (5, 2.0, None, Vec::new());
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().unwrap_or_else(|| usage());
        match &argument[..] {
            load::SUBCOMMAND => load::main(arguments),
            points::SUBCOMMAND => points::main(arguments),
            quiet::SUBCOMMAND => quiet::main(arguments),
            flood::SUBCOMMAND => flood::main(arguments),
            "--rounds" => {
                rounds = value().parse().unwrap_or_else(|_| usage());
                continue;
            }
            "--seconds" => {
                seconds = value().parse().unwrap_or_else(|_| usage());
                continue;
            }
            "--pictures" => {
                pictures = Some(value().into());
                continue;
            }
            _ => {
                names.push(argument);
                continue;
            }
        }
        return ExitCode::SUCCESS;
    }
    let wanted = Wanted { rounds, span: Duration::from_secs_f64(seconds), pictures, names };
    match wanted.names.first() {
        Some(name) if name == curves::SUBCOMMAND => all_curves(&wanted, descriptors),
        _ => all_scenarios(&wanted),
    }
}

fn usage() -> ! {
    let scenarios: Vec<&str> = SCENARIOS.iter().map(|scenario| scenario.name).collect();
    let curves: Vec<&str> = CURVES.iter().map(|curve| curve.name).collect();
    eprintln!(
        "usage: measure [--rounds N] [--seconds S] [SCENARIO ..]\n       \
         measure curves [--rounds N] [--seconds S] [--pictures DIRECTORY] [CURVE ..]\n\
         scenarios: {} {}\ncurves: {}",
        scenarios.join(" "),
        noisy::NAME,
        curves.join(" ")
    );
    std::process::exit(2);
}

fn all_scenarios(wanted: &Wanted) -> ExitCode {
    let known = |name: &String| *name == noisy::NAME || Scenario::find(name).is_some();
    if !wanted.names.iter().all(known) {
        usage();
    }
    let is_wanted = |name: &str| wanted.names.is_empty() || wanted.names.iter().any(|other| other == name);
    for scenario in SCENARIOS.iter().filter(|scenario| is_wanted(scenario.name)) {
        table(scenario, wanted.rounds, wanted.span);
    }
    if is_wanted(noisy::NAME) {
        noisy::table(wanted.rounds, wanted.span);
    }
    ExitCode::SUCCESS
}

fn all_curves(wanted: &Wanted, descriptors: usize) -> ExitCode {
    let names = &wanted.names[1..];
    if !names.iter().all(|name| Curve::find(name).is_some()) {
        usage();
    }
    let mut complaints = Vec::new();
    for curve in CURVES.iter().filter(|curve| names.is_empty() || names.iter().any(|name| name == curve.name))
    {
        let lines = curve.measure(wanted.rounds, wanted.span, descriptors);
        curve.print(&lines);
        if let Some(directory) = &wanted.pictures {
            pictures::draw(directory, curve, &lines);
        }
        complaints.extend(curve.judge(&lines[0]));
    }
    for complaint in &complaints {
        eprintln!("superlinear: {complaint}");
    }
    if complaints.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
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

/// The median of each number over the rounds.
fn medians<const N: usize>(rounds: &[[f64; N]]) -> [f64; N] {
    std::array::from_fn(|i| median(rounds.iter().map(|round| round[i]).collect()))
}
