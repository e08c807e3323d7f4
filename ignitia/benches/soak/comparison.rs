//! Comparison of both sides' counts at the end of a run.

use std::collections::BTreeMap;

use crate::{
    heap::RETAINED_HEAP,
    report::{RouteCounts, ServerReport},
    settings::SoakSettings,
};

/// Describes all differences between the two sides' counts, and all leaked resources.
pub(crate) fn differences(
    settings: SoakSettings,
    clients: &BTreeMap<String, RouteCounts>,
    report: &ServerReport,
) -> Vec<String> {
    let mut faults = report.faults.clone();
    let mut check = |what: String, found: i64, expected: i64| {
        println!("{what:<60} {found:>10}   (expected: {expected})");
        if found != expected {
            faults.push(format!("{what}: {found} instead of {expected}"));
        }
    };
    let none = RouteCounts::default();
    let mut routes: Vec<&String> = clients.keys().chain(report.routes.keys()).collect();
    routes.sort();
    routes.dedup();
    let (mut drained, mut unanswered) = (0, 0);
    for route in routes {
        let (theirs, ours) = (clients.get(route).unwrap_or(&none), report.routes.get(route).unwrap_or(&none));
        check(format!("{route}: connections"), ours.opened as i64, theirs.opened as i64);
        // Clients that do not read cannot count their messages.
        if route != "stall" {
            check(
                format!("{route}: messages from the clients"),
                ours.from_clients as i64,
                theirs.from_clients as i64,
            );
            check(
                format!("{route}: messages to the clients"),
                ours.to_clients as i64,
                theirs.to_clients as i64,
            );
        }
        let mut causes: Vec<&String> = theirs.causes.keys().chain(ours.causes.keys()).collect();
        causes.sort();
        causes.dedup();
        for cause in causes {
            let count = |counts: &RouteCounts| counts.causes.get(cause).copied().unwrap_or(0) as i64;
            check(format!("{route}: {cause}"), count(ours), count(theirs));
        }
        let counted = |counter: &str, label: &str| report.counted(counter, route, label) as i64;
        let opened = counted("ignitia_handshakes_total", " outcome=upgraded");
        check(format!("{route}: metrics, upgraded"), opened, ours.opened as i64);
        let closed = counted("ignitia_connections_closed_total", " cause=");
        check(format!("{route}: metrics, closed"), closed, ours.opened as i64);
        for cause in ["shutdown", "peer", "write_stall", "keepalive_timeout", "violation", "lost", "aborted"]
        {
            let counts = ours.causes.iter().filter(|(name, _)| is_named(name, cause));
            let counts: u64 = counts.map(|(_, count)| count).sum();
            let closed = counted("ignitia_connections_closed_total", &format!(" cause={cause} "));
            if closed > 0 || counts > 0 {
                check(format!("{route}: metrics, {cause}"), closed, counts as i64);
            }
        }
        if ["long-lived", "stream", "churn"].contains(&&**route) {
            let received = counted("ignitia_messages_total", " direction=in");
            check(format!("{route}: metrics, messages in"), received, ours.from_clients as i64);
            let sent = counted("ignitia_messages_total", " direction=out");
            check(format!("{route}: metrics, messages out"), sent, ours.to_clients as i64);
        }
        check(format!("{route}: causes"), ours.causes.values().sum::<u64>() as i64, ours.opened as i64);
        drained += ours.causes.get("Shutdown, clean").copied().unwrap_or(0) as i64;
        unanswered += ours.causes.get("Shutdown").copied().unwrap_or(0) as i64;
    }
    let stuck = settings.stuck() as i64;
    check("drained: clean".into(), report.clean as i64, drained - stuck);
    check("drained: unclean".into(), report.unclean as i64, unanswered);
    check("drained: aborted".into(), report.aborted as i64, stuck);
    check("handlers left".into(), report.open as i64, 0);
    for gauge in ["ignitia_connections", "ignitia_queued_messages"] {
        let of_name = report.gauges.iter().filter(|(key, _)| key.starts_with(&format!("{gauge} ")));
        let values: Vec<f64> = of_name.map(|(_, value)| value.abs()).collect();
        check(format!("{gauge}: is reported"), i64::from(!values.is_empty()), 1);
        check(format!("{gauge}: in total"), values.iter().sum::<f64>() as i64, 0);
    }
    check("rooms left".into(), report.rooms as i64, 0);
    check("tasks left".into(), report.tasks, 0);
    check("descriptors left".into(), report.descriptors, 0);
    println!("{:<60} {:>10}   (at most {RETAINED_HEAP})", "heap bytes left", report.heap);
    if report.heap > RETAINED_HEAP {
        faults.push(format!("{} heap bytes are left", report.heap));
    }
    faults
}

/// Returns true if a cause's name, like `WriteStall, clean`, has this label in the metrics, like
/// `write_stall`.
fn is_named(name: &str, label: &str) -> bool {
    let kind = name.split(',').next().unwrap_or(name);
    kind.eq_ignore_ascii_case(&label.replace('_', ""))
}
