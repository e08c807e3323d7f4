//! Guard: files are short enough to hold one concept.

use std::collections::BTreeMap;

use super::{
    report::{Violation, hold},
    sources::Sources,
    syntax::{self, Scope},
};

/// Most lines of a file, without its inline tests.
const LINES: usize = 400;

/// Most lines of a file of tests: cases stand in a row, and are read one at a time.
const TEST_LINES: usize = 500;

#[test]
fn files_are_short() {
    let violations = long(Sources::repository(), syntax::repository());
    hold(violations, "Find the second concept in the file, and give it a file of its own.");
}

fn long(sources: &Sources, files: &BTreeMap<String, Scope>) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (file, text) in sources.ending(".rs") {
        let inline = files[file].modules.iter().filter(|module| module.is_test && module.body.is_some());
        let tests: usize = inline.map(|module| module.lines.1 + 1 - module.lines.0).sum();
        let lines = text.lines().count() - tests;
        let limit = if is_of_tests(file) { TEST_LINES } else { LINES };
        if lines > limit {
            let text = format!("{lines} lines without inline tests; at most {limit}");
            violations.push(Violation::new(file, limit, text));
        }
    }
    violations
}

fn is_of_tests(file: &str) -> bool {
    file.split('/').any(|part| ["tests", "tests.rs", "ui-tests"].contains(&part))
}

#[test]
fn long_files_are_found() {
    let line = "// A line.\n";
    let inline = format!("{}#[cfg(test)]\nmod tests {{\n{}}}\n", line.repeat(LINES), line.repeat(9));
    let long_text = line.repeat(LINES + 1);
    let sources = Sources::made_up(&[
        ("src/a.rs", &long_text),
        ("src/b.rs", &inline),
        ("tests/c.rs", &long_text),
        ("tests/d.rs", &line.repeat(TEST_LINES + 1)),
    ]);
    let found: Vec<String> =
        long(&sources, &syntax::facts(&sources)).into_iter().map(|found| found.file).collect();
    assert_eq!(found, ["src/a.rs", "tests/d.rs"]);
}
