use std::collections::BTreeMap;

use crate::{
    plan::Plan,
    report::{Counts, Report},
    server::HEAP_THAT_STAYS,
};

/// In what the server's side differs from the clients', and what is left that should not be.
pub(crate) fn differences(plan: Plan, clients: &BTreeMap<String, Counts>, report: &Report) -> Vec<String> {
    let mut faults = report.faults.clone();
    let mut check = |what: String, found: i64, expected: i64| {
        println!("{what:<60} {found:>10}   (expected: {expected})");
        if found != expected {
            faults.push(format!("{what}: {found}, and not {expected}"));
        }
    };
    let none = Counts::default();
    let mut routes: Vec<&String> = clients.keys().chain(report.routes.keys()).collect();
    routes.sort();
    routes.dedup();
    let mut drained = 0;
    for route in routes {
        let (theirs, ours) = (clients.get(route).unwrap_or(&none), report.routes.get(route).unwrap_or(&none));
        check(format!("{route}: connections"), ours.opened as i64, theirs.opened as i64);
        // What was sent to those who do not read is not theirs to count.
        if route != "stall" {
            check(format!("{route}: messages from the clients"), ours.up as i64, theirs.up as i64);
            check(format!("{route}: messages to the clients"), ours.down as i64, theirs.down as i64);
        }
        let mut causes: Vec<&String> = theirs.causes.keys().chain(ours.causes.keys()).collect();
        causes.sort();
        causes.dedup();
        for cause in causes {
            let count = |counts: &Counts| counts.causes.get(cause).copied().unwrap_or(0) as i64;
            check(format!("{route}: {cause}"), count(ours), count(theirs));
        }
        check(format!("{route}: causes"), ours.causes.values().sum::<u64>() as i64, ours.opened as i64);
        drained += ours.causes.get("Shutdown, clean").copied().unwrap_or(0) as i64;
    }
    let stuck = plan.stuck() as i64;
    check("drained: clean".into(), report.clean as i64, drained - stuck);
    check("drained: aborted".into(), report.aborted as i64, stuck);
    check("handlers left".into(), report.open as i64, 0);
    check("rooms left".into(), report.rooms as i64, 0);
    check("tasks left".into(), report.tasks, 0);
    check("descriptors left".into(), report.descriptors, 0);
    println!("{:<60} {:>10}   (at most {HEAP_THAT_STAYS})", "bytes of the heap left", report.heap);
    if report.heap > HEAP_THAT_STAYS {
        faults.push(format!("{} bytes of the heap are left", report.heap));
    }
    faults
}
