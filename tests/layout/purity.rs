//! Guard: modules that decide about the protocol do no I/O and read no clock.

use std::collections::BTreeMap;

use super::{
    layers::{IMPURE, PURE},
    report::{Violation, hold},
    syntax::{self, Scope},
};

const ADVICE: &str = "Decide here and act in the caller: take the time, and the bytes, as arguments.";

#[test]
fn protocol_and_handshake_are_pure() {
    let files = syntax::repository();
    for pure in PURE {
        assert!(files.keys().any(|file| file.starts_with(pure)), "layers.rs: `{pure}` names no file");
    }
    let pure = files.iter().filter(|(file, _)| PURE.iter().any(|pure| file.starts_with(pure)));
    let violations = pure.flat_map(|(file, scope)| impure(file, scope)).collect();
    hold(violations, ADVICE);
}

fn impure(file: &str, scope: &Scope) -> Vec<Violation> {
    let imports = scope.imports.iter().map(|import| (&import.path, import.line));
    let paths: BTreeMap<_, _> = scope.paths.iter().map(|(path, line)| (path, *line)).chain(imports).collect();
    let mut violations = Vec::new();
    for (path, line) in paths {
        let shown = path.join("::");
        let begins = |impure: &&&str| {
            shown.strip_prefix(**impure).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
        };
        if let Some(impure) = IMPURE.iter().find(begins) {
            violations.push(Violation::new(file, line, format!("`{shown}` is not pure: no `{impure}` here")));
        } else if path.len() > 1 && path.last().is_some_and(|name| name == "now") {
            violations.push(Violation::new(
                file,
                line,
                format!("`{shown}` reads a clock: take the time as argument"),
            ));
        }
    }
    if let Some(line) = scope.method_calls.get("elapsed") {
        violations.push(Violation::new(
            file,
            *line,
            "`elapsed` reads a clock: subtract the time of an argument",
        ));
    }
    let bodies =
        scope.modules.iter().filter(|module| !module.is_test).filter_map(|module| module.body.as_ref());
    violations.extend(bodies.flat_map(|body| impure(file, body)));
    violations
}

#[test]
fn runtimes_and_clocks_are_found() {
    let bad = "use tokio::time::sleep; use std::{time::Instant, net::{IpAddr, TcpStream}};
        mod inner { fn f() { hyper::body::Body; } }
        fn g(now: Instant) { Instant::now(); now.elapsed(); tokio_tungstenite::x() }
        #[cfg(test)] mod tests { use tokio::x; }";
    let files = syntax::facts(&super::sources::Sources::made_up(&[("a.rs", bad)]));
    let mut found: Vec<_> = impure("a.rs", &files["a.rs"]).into_iter().map(|found| found.text).collect();
    found.sort();
    assert_eq!(
        found,
        [
            "`Instant::now` reads a clock: take the time as argument",
            "`elapsed` reads a clock: subtract the time of an argument",
            "`hyper::body::Body` is not pure: no `hyper` here",
            "`std::net::TcpStream` is not pure: no `std::net::TcpStream` here",
            "`tokio::time::sleep` is not pure: no `tokio` here",
        ]
    );
}
