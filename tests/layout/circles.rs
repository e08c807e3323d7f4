//! Guard: no file uses one that uses it, directly or through others.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    modules::Tree,
    packages::roots,
    report::{Violation, hold},
    sources::Sources,
    syntax::{self, Scope},
    uses::{Uses, uses},
};

const ADVICE: &str = "Move what both files need into a file that uses neither, or hand it in as an argument.";

#[test]
fn no_file_uses_one_that_uses_it() {
    let files = syntax::repository();
    let roots = roots(Sources::repository());
    assert!(roots.len() > 20, "only {} targets were found: has the layout moved?", roots.len());
    let violations = roots.iter().flat_map(|root| circles(files, root)).collect();
    hold(violations, ADVICE);
}

/// Returns one violation for each use that is part of a circle.
fn circles(files: &BTreeMap<String, Scope>, root: &str) -> Vec<Violation> {
    let uses = uses(&Tree::new(files, root));
    let reached = reached(&uses);
    let closes = |from: &String, to: &String| reached.get(to).is_some_and(|files| files.contains(from));
    let circle = uses.iter().filter(|((from, to), _)| closes(from, to));
    circle
        .map(|((from, to), found)| {
            let text = format!("uses {to} (`{}`), which uses it too: {}", found.path, way(&uses, to, from));
            Violation::new(from, found.line, text)
        })
        .collect()
}

/// Files that each file uses, directly or through others.
fn reached(uses: &Uses) -> BTreeMap<&String, BTreeSet<&String>> {
    let mut reached: BTreeMap<&String, BTreeSet<&String>> = BTreeMap::new();
    for (from, _) in uses.keys() {
        let mut open = vec![from];
        let files = reached.entry(from).or_default();
        while let Some(file) = open.pop() {
            open.extend(used_by(uses, file).filter(|used| files.insert(used)));
        }
    }
    reached
}

fn used_by<'a>(uses: &'a Uses, file: &str) -> impl Iterator<Item = &'a String> {
    let start = (file.to_owned(), String::new());
    let file = file.to_owned();
    uses.range(start..)
        .map(|((from, to), _)| (from, to))
        .take_while(move |(from, _)| **from == file)
        .map(|(_, to)| to)
}

/// Returns the shortest chain of uses between two files, for people.
fn way(uses: &Uses, from: &str, to: &str) -> String {
    let mut ways = vec![vec![from.to_owned()]];
    let mut seen = BTreeSet::from([from.to_owned()]);
    for index in 0.. {
        let Some(way) = ways.get(index).cloned() else { break };
        if way.last().is_some_and(|last| last == to) {
            return way.join(" -> ");
        }
        for used in used_by(uses, &way[way.len() - 1]) {
            if seen.insert(used.clone()) {
                ways.push([&way[..], std::slice::from_ref(used)].concat());
            }
        }
    }
    String::new()
}

#[cfg(test)]
mod tests {
    use super::{super::syntax::facts, *};

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let files = facts(&Sources::made_up(files));
        circles(&files, "lib.rs").iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_circle_of_three_files_is_found() {
        let found = found(&[
            ("lib.rs", "mod a; mod b; mod c; mod d;"),
            ("a.rs", "use crate::b::B; pub struct A;"),
            ("b.rs", "pub struct B;\nfn f() { super::c::f() }"),
            ("c.rs", "pub fn f() { crate::a::A; }"),
            ("d.rs", "use crate::a::A;"),
        ]);
        assert_eq!(
            found,
            [
                "a.rs:1: uses b.rs (`crate::b::B`), which uses it too: b.rs -> c.rs -> a.rs",
                "b.rs:2: uses c.rs (`super::c::f`), which uses it too: c.rs -> a.rs -> b.rs",
                "c.rs:1: uses a.rs (`crate::a::A`), which uses it too: a.rs -> b.rs -> c.rs",
            ]
        );
    }

    #[test]
    fn a_circle_of_parent_and_child_is_found() {
        let lib = "mod a; use self::a::A; pub struct Root(A);";
        assert_eq!(found(&[("lib.rs", lib), ("a.rs", "pub struct A; impl crate::Root {}")]).len(), 2);
        let lib = "mod a; pub use self::a::A; pub struct Root;";
        assert_eq!(found(&[("lib.rs", lib), ("a.rs", "pub struct A; impl crate::Root {}")]).len(), 0);
    }

    #[test]
    fn a_circle_through_tests_is_none() {
        let a = "pub struct A; #[cfg(test)] mod tests { use crate::b::B; }";
        assert_eq!(
            found(&[("lib.rs", "mod a; mod b;"), ("a.rs", a), ("b.rs", "use crate::a::A; pub struct B;")])
                .len(),
            0
        );
    }
}
