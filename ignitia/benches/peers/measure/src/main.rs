//! Compares the CPU time per message of several servers, in one interleaved run.
//!
//! ```text
//! cargo build --release
//! target/release/measure [--rounds 5] [--seconds 2] [--level 1] [SCENARIO ..]
//! target/release/measure curves [--rounds 5] [--seconds 2] [--pictures DIRECTORY] [CURVE ..]
//! ```
//!
//! A server runs one scenario on core 0, with the load on core 1, then the next server follows. The
//! output are medians. Only ratios within one table are meaningful: machines differ, and so does
//! their load.

mod answer_reader;
mod compression_mode;
mod curve_load;
mod curves;
mod deflate_load;
mod deflate_scenarios;
mod flood_client;
mod flood_impact;
mod frames;
mod load;
mod message_cycle;
mod plot;
mod process_stats;
mod quiet_clients;
mod scenario_load;
mod scenarios;
mod servers;
mod statistics;

use std::{path::PathBuf, process::ExitCode, time::Duration};

use self::{
    curves::{CURVES, Curve},
    deflate_scenarios::{DEFLATE_SCENARIOS, DeflateScenario},
    scenarios::{SCENARIOS, Scenario},
    servers::{SERVERS, ServerProgram},
    statistics::median,
};

/// Options of the command line.
struct Options {
    rounds: usize,
    span: Duration,
    /// Level of the servers' compression.
    level: u32,
    pictures: Option<PathBuf>,
    names: Vec<String>,
}

fn main() -> ExitCode {
    // The servers and the load inherit the limit.
    let descriptors = rlimit::increase_nofile_limit(u64::MAX).expect("the limit is raised") as usize;
    let mut arguments = std::env::args().skip(1);
    let (mut rounds, mut seconds, mut level, mut pictures, mut names) = (5, 2.0, 1, None, Vec::new());
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().unwrap_or_else(|| usage());
        match &argument[..] {
            scenario_load::SUBCOMMAND => scenario_load::main(arguments),
            deflate_scenarios::SUBCOMMAND => deflate_load::main(arguments),
            curve_load::SUBCOMMAND => curve_load::main(arguments),
            quiet_clients::SUBCOMMAND => quiet_clients::main(arguments),
            flood_client::SUBCOMMAND => flood_client::main(arguments),
            "--rounds" => {
                rounds = value().parse().unwrap_or_else(|_| usage());
                continue;
            }
            "--seconds" => {
                seconds = value().parse().unwrap_or_else(|_| usage());
                continue;
            }
            "--level" => {
                level = value().parse().unwrap_or_else(|_| usage());
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
    let options = Options { rounds, span: Duration::from_secs_f64(seconds), level, pictures, names };
    match options.names.first() {
        Some(name) if name == curves::SUBCOMMAND => run_curves(&options, descriptors),
        _ => run_scenarios(&options),
    }
}

fn usage() -> ! {
    let scenarios: Vec<&str> = SCENARIOS.iter().map(|scenario| scenario.name).collect();
    let deflate: Vec<&str> = DEFLATE_SCENARIOS.iter().map(|scenario| scenario.name).collect();
    let curves: Vec<&str> = CURVES.iter().map(|curve| curve.name).collect();
    eprintln!(
        "usage: measure [--rounds N] [--seconds S] [--level L] [SCENARIO ..]\n       \
         measure curves [--rounds N] [--seconds S] [--pictures DIRECTORY] [CURVE ..]\n\
         scenarios: {} {} {}\ncurves: {}",
        scenarios.join(" "),
        deflate.join(" "),
        flood_impact::NAME,
        curves.join(" ")
    );
    std::process::exit(2);
}

fn run_scenarios(options: &Options) -> ExitCode {
    let known = |name: &String| {
        *name == flood_impact::NAME || Scenario::find(name).is_some() || DeflateScenario::find(name).is_some()
    };
    if !options.names.iter().all(known) {
        usage();
    }
    let is_wanted = |name: &str| options.names.is_empty() || options.names.iter().any(|other| other == name);
    for scenario in SCENARIOS.iter().filter(|scenario| is_wanted(scenario.name)) {
        run_scenario(scenario, options.rounds, options.span);
    }
    for scenario in DEFLATE_SCENARIOS.iter().filter(|scenario| is_wanted(scenario.name)) {
        scenario.run(options.rounds, options.span, options.level);
    }
    if is_wanted(flood_impact::NAME) {
        flood_impact::run(options.rounds, options.span);
    }
    ExitCode::SUCCESS
}

fn run_curves(options: &Options, descriptors: usize) -> ExitCode {
    let names = &options.names[1..];
    if !names.iter().all(|name| Curve::find(name).is_some()) {
        usage();
    }
    let mut violations = Vec::new();
    for curve in CURVES.iter().filter(|curve| names.is_empty() || names.iter().any(|name| name == curve.name))
    {
        let lines = curve.measure(options.rounds, options.span, descriptors);
        curve.print(&lines);
        if let Some(directory) = &options.pictures {
            plot::draw(directory, curve, &lines);
        }
        violations.extend(curve.violations(&lines[0]));
    }
    for violation in &violations {
        eprintln!("superlinear: {violation}");
    }
    if violations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs a scenario on every server that supports it, in turns, and prints the costs.
fn run_scenario(scenario: &Scenario, rounds: usize, span: Duration) {
    let servers: Vec<&ServerProgram> = SERVERS.iter().filter(|server| server.supports(scenario)).collect();
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
