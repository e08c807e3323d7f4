//! What long input costs the server: no more for each byte than short input. What is quadratic in a list shows as ten times
//! that.

#![allow(clippy::unwrap_used, reason = "a bench that meets the unexpected shall fail")]

#[path = "../counted/mod.rs"]
mod counted;
mod heads;
mod messages;

use self::counted::Counter;

/// The argument that makes this the server.
const SERVE: &str = "serve-growth";

/// Bytes of what grows.
const SHORT: usize = 1_500;
const LONG: usize = 15_000;

/// How much more the long one may cost: ten times, and what growing buffers take.
const MOST: f64 = 13.0;

/// Units whose difference is counted.
const UNITS: [usize; 2] = [4, 12];

/// What grows, and so many units of it, with so many bytes in each.
struct Grown {
    name: &'static str,
    converse: Box<dyn Fn(u16, usize, usize)>,
}

impl Grown {
    fn new(name: &'static str, converse: impl Fn(u16, usize, usize) + 'static) -> Self {
        Self { name, converse: Box::new(converse) }
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() == Some(SERVE) {
        return counted::serve(heads::router().merge(messages::router()));
    }
    // Test runners ask for the tests first: there are none to choose from.
    if std::env::args().any(|argument| argument == "--list") {
        return;
    }
    let instructions = Some(Counter::Instructions).filter(|counter| counter.is_there());
    println!("{:32} {:>14} {:>14}", "for each byte of", "instructions", "allocations");
    let mut more_than_linear = Vec::new();
    for (index, grown) in heads::grown().chain(messages::grown()).enumerate() {
        // What so many bytes cost more than none.
        let [none, short, long] = [0, SHORT, LONG].map(|bytes| {
            let name = format!("growth-{index}-{bytes}");
            counted::per_unit(&name, instructions, &[SERVE], UNITS, |port, units| {
                (grown.converse)(port, bytes, units);
            })
        });
        let of_bytes = |none: f64, short: f64, long: f64| (short - none, long - none);
        let allocations = of_bytes(none.allocations, short.allocations, long.allocations);
        let instructions = none.counted.zip(short.counted).zip(long.counted);
        let instructions = instructions.map(|((none, short), long)| of_bytes(none, short, long));
        let each = |(_, long): (f64, f64)| long / LONG as f64;
        println!(
            "{:32} {:>14} {:>14.3}",
            grown.name,
            instructions.map_or("-".into(), |counts| format!("{:.1}", each(counts))),
            each(allocations)
        );
        // A few allocations are buffers that double.
        for (what, counts, slack) in
            [("instructions", instructions, 0.0), ("allocations", Some(allocations), 10.0)]
        {
            if let Some((short, long)) = counts
                && long > short.max(0.0) * MOST + slack
            {
                more_than_linear.push(format!("{}: {short:.0} and {long:.0} {what}", grown.name));
            }
        }
    }
    assert!(more_than_linear.is_empty(), "ten times the bytes cost more than that: {more_than_linear:#?}");
}

/// So many bytes of elements, one after the other.
fn elements(bytes: usize, element: fn(usize) -> String) -> String {
    let mut elements = String::new();
    for n in 0.. {
        if elements.len() >= bytes {
            break;
        }
        elements += &element(n);
    }
    elements
}
