//! Guard: no name stands for two types of a crate.

use std::collections::BTreeMap;

use super::{
    modules::Tree,
    packages::roots,
    report::{Violation, hold},
    sources::Sources,
    syntax::{self, Scope},
};

const ADVICE: &str = "Give each type the name of what it alone is. Types that `#[cfg(x)]` and \
                      `#[cfg(not(x))]` keep apart count as one.";

#[test]
fn no_name_stands_for_two_types() {
    let files = syntax::repository();
    let roots = roots(Sources::repository());
    // Each file of tests is a program of its own kind, with messages and sessions for its cases.
    let own = roots.iter().filter(|root| !root.split('/').any(|part| part.ends_with("tests")));
    let violations = own.flat_map(|root| doubles(files, root)).collect();
    hold(violations, ADVICE);
}

#[derive(Debug)]
struct Definition<'a> {
    file: &'a str,
    line: usize,
    conditions: Vec<&'a String>,
}

fn doubles(files: &BTreeMap<String, Scope>, root: &str) -> Vec<Violation> {
    let tree = Tree::new(files, root);
    let mut places: BTreeMap<&str, Vec<Definition<'_>>> = BTreeMap::new();
    for module in tree.modules.iter().filter(|module| !module.is_test) {
        for found in &module.scope.types {
            places.entry(&found.name).or_default().push(Definition {
                file: &module.file,
                line: found.line,
                conditions: module.conditions.iter().chain(&found.conditions).collect(),
            });
        }
    }
    let mut violations = Vec::new();
    for (name, places) in places {
        for (index, place) in places.iter().enumerate() {
            let others =
                places.iter().enumerate().filter(|(other, _)| *other != index).map(|(_, other)| other);
            let clashes: Vec<String> = others
                .filter(|other| !excludes(&place.conditions, &other.conditions))
                .map(|other| format!("{}:{}", other.file, other.line))
                .collect();
            if !clashes.is_empty() {
                let text = format!("the type `{name}` stands also in {}", clashes.join(", "));
                violations.push(Violation::new(place.file, place.line, text));
            }
        }
    }
    violations
}

/// Returns true if one of two items is compiled only where the other is not.
fn excludes(conditions: &[&String], others: &[&String]) -> bool {
    let denied = |condition: &String| format!("not({condition})");
    conditions.iter().any(|one| others.iter().any(|other| denied(one) == **other || denied(other) == **one))
}

#[test]
fn types_of_one_name_are_found() {
    let files = syntax::facts(&Sources::made_up(&[
        ("lib.rs", "mod a; mod b; #[cfg(test)] mod tests;\ntrait Name {}"),
        ("a.rs", "pub struct Name; pub struct Own; impl T for Own { type Name = u8; }"),
        ("b.rs", "pub type Other = u8; #[cfg(x)] struct Own2; #[cfg(not(x))] struct Own2;"),
        ("tests.rs", "struct Own;"),
    ]));
    assert_eq!(
        doubles(&files, "lib.rs"),
        [
            Violation::new("lib.rs", 2, "the type `Name` stands also in a.rs:1"),
            Violation::new("a.rs", 1, "the type `Name` stands also in lib.rs:2"),
        ]
    );
}

#[test]
fn modules_of_two_feature_sets_may_share_names() {
    let twins = "#[cfg(feature = \"x\")] mod a; #[cfg(not(feature = \"x\"))] mod b;";
    let files =
        syntax::facts(&Sources::made_up(&[("lib.rs", twins), ("a.rs", "struct A;"), ("b.rs", "struct A;")]));
    assert_eq!(doubles(&files, "lib.rs"), []);
}
