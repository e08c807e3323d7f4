//! Build cost of an endpoint: the lines to which its macros expand and the time of `cargo check`,
//! compared to the same endpoint written by hand. It has no limits, and runs only by its name:
//! `cargo bench -p ignitia --bench build_cost`. With the argument `first-program` it compares the
//! builds of two whole programs instead: see [`first_program`].
//!
//! It generates programs of two hundred endpoints, in a package with its own target directory below
//! the target directory's `tmp/build-cost`, and checks them offline with the workspace's lock file.

#![allow(clippy::unwrap_used, reason = "an unexpected error must fail the bench")]

mod first_program;
mod package;
mod plain_axum;
mod program;
mod sources;

use self::{package::GeneratedPackage, program::Program, sources::ROWS};

/// Number of endpoints in a program.
const ENDPOINTS: usize = 200;

/// Number of checks of each program. The fastest one counts.
const ROUNDS: usize = 4;

/// Name of the program without endpoints, with which the others are compared.
const EMPTY: &str = "nothing";

fn main() {
    // Test runners list the tests first; a bench without a harness has none.
    if std::env::args().any(|argument| argument == "--list") {
        return;
    }
    if std::env::args().any(|argument| argument == "first-program") {
        return first_program::compare();
    }
    let mut programs = vec![Program::new(EMPTY.into(), &[], true, 0)];
    for (_, kinds) in ROWS {
        let name = kinds.iter().map(|kind| kind.name).collect::<Vec<_>>().join("_");
        programs.push(Program::new(format!("{name}_by_hand"), kinds, false, ENDPOINTS));
        programs.push(Program::new(format!("{name}_typed"), kinds, true, ENDPOINTS));
    }
    let package = GeneratedPackage::create(&programs);
    println!("building the dependencies of the programs");
    package.check(&programs[0]);
    for program in &mut programs {
        program.expanded = package.expanded(program);
    }
    // In turns, so that a busy moment affects all programs.
    for round in 0..ROUNDS {
        for program in &mut programs {
            package.write(program, round);
            program.time = program.time.min(package.check(program));
        }
    }
    print(&programs);
}

/// Prints the table.
fn print(programs: &[Program]) {
    let empty = &programs[0];
    println!(
        "{ENDPOINTS} endpoints each; written and expanded lines per endpoint; cargo check in ms, {:.0} without any",
        1e3 * empty.time.as_secs_f64(),
    );
    println!("{:<38} {:>8} {:>9} {:>9} {:>9}", "", "written", "expanded", "check", "each");
    for ((name, _), pair) in ROWS.iter().zip(programs[1..].chunks_exact(2)) {
        for (program, way) in pair.iter().zip(["by hand", "typed"]) {
            let each = |all: f64, without: f64| (all - without) / ENDPOINTS as f64;
            let (check, base) = (1e3 * program.time.as_secs_f64(), 1e3 * empty.time.as_secs_f64());
            println!(
                "{:<38} {:>8.1} {:>9.1} {check:>9.0} {:>9.2}",
                format!("{name}, {way}"),
                each(program.source.lines().count() as f64, empty.source.lines().count() as f64),
                each(program.expanded as f64, empty.expanded as f64),
                each(check, base),
            );
        }
    }
}
