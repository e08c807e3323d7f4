//! The server's cost of long input. It must be linear: with quadratic work, input that is ten times
//! longer costs a hundred times more.

#![allow(clippy::unwrap_used, reason = "an unexpected error must fail the bench")]

mod case;
mod head;
#[path = "../instrumented/mod.rs"]
mod instrumented;
mod messages;

use self::instrumented::CountingTool;

/// Argument that makes this program the server.
const SERVE: &str = "serve-growth";

/// Bytes of a short input.
const SHORT: usize = 1_500;

/// Bytes of a long input, ten times as many.
const LONG: usize = 15_000;

/// Maximum ratio of the costs of long and short input: ten, plus a margin for growing buffers.
const MAX_RATIO: f64 = 13.0;

/// Units of the two runs whose difference is counted.
const UNITS: [usize; 2] = [4, 12];

fn main() {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() == Some(SERVE) {
        return instrumented::serve(head::router().merge(messages::router()));
    }
    // Test runners list the tests first; a bench without a harness has none.
    if std::env::args().any(|argument| argument == "--list") {
        return;
    }
    let instructions = Some(CountingTool::Instructions).filter(|counter| counter.is_available());
    println!("{:32} {:>14} {:>14}", "per byte of", "instructions", "allocations");
    let mut superlinear = Vec::new();
    for (index, case) in head::cases().chain(messages::cases()).enumerate() {
        // The cost of the bytes is the difference to a run without any.
        let [none, short, long] = [0, SHORT, LONG].map(|bytes| {
            let name = format!("growth-{index}-{bytes}");
            instrumented::per_unit(&name, instructions, &[SERVE], UNITS, |port, units| {
                (case.converse)(port, bytes, units);
            })
        });
        let of_bytes = |none: f64, short: f64, long: f64| (short - none, long - none);
        let allocations = of_bytes(none.allocations, short.allocations, long.allocations);
        let instructions = none.counted.zip(short.counted).zip(long.counted);
        let instructions = instructions.map(|((none, short), long)| of_bytes(none, short, long));
        let each = |(_, long): (f64, f64)| long / LONG as f64;
        println!(
            "{:32} {:>14} {:>14.3}",
            case.name,
            instructions.map_or("-".into(), |counts| format!("{:.1}", each(counts))),
            each(allocations)
        );
        // A buffer that doubles accounts for a few allocations.
        for (what, counts, slack) in
            [("instructions", instructions, 0.0), ("allocations", Some(allocations), 10.0)]
        {
            if let Some((short, long)) = counts
                && long > short.max(0.0) * MAX_RATIO + slack
            {
                superlinear.push(format!("{}: {short:.0} and {long:.0} {what}", case.name));
            }
        }
    }
    assert!(superlinear.is_empty(), "ten times the bytes cost more than ten times: {superlinear:#?}");
}
