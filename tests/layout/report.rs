//! Violations, and the list of the files that may have them for the time being.

use std::{collections::BTreeSet, fmt};

/// A violation of a guard.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Violation {
    pub(super) file: String,
    pub(super) line: usize,
    pub(super) text: String,
}

impl Violation {
    pub(super) fn new(file: &str, line: usize, text: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line, text: text.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.text)
    }
}

/// Fails with all violations in files that are not allowed any, and with all entries of `allowed`
/// without a violation. An entry is a file, or a folder that ends with `/`.
pub(super) fn hold(violations: Vec<Violation>, allowed: &[&str], advice: &str) {
    if let Some(failure) = failure(violations, allowed, advice) {
        panic!("{failure}");
    }
}

fn failure(violations: Vec<Violation>, allowed: &[&str], advice: &str) -> Option<String> {
    let covers = |entry: &str, file: &str| entry == file || (entry.ends_with('/') && file.starts_with(entry));
    let needed = |entry: &&&str| violations.iter().any(|violation| covers(entry, &violation.file));
    let stale: Vec<&&str> = allowed.iter().filter(|entry| !needed(entry)).collect();
    let new: BTreeSet<&Violation> = violations
        .iter()
        .filter(|violation| !allowed.iter().any(|entry| covers(entry, &violation.file)))
        .collect();
    if new.is_empty() && stale.is_empty() {
        return None;
    }
    let mut text = String::new();
    if !new.is_empty() {
        let files = new.iter().map(|violation| &violation.file).collect::<BTreeSet<_>>().len();
        text = format!("\n{} violations in {files} files. {advice}\n", new.len());
        new.iter().for_each(|violation| text += &format!("{violation}\n"));
    }
    for entry in stale {
        text += &format!("tests/layout/allowed.rs: `{entry}` has no violation any more: delete the entry\n");
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(file: &str) -> Vec<Violation> {
        vec![Violation::new(file, 3, "is wrong")]
    }

    #[test]
    fn a_violation_fails_with_its_place_and_advice() {
        let failure = failure(found("a/b.rs"), &[], "Do it right.").unwrap();
        assert!(failure.contains("Do it right.\na/b.rs:3: is wrong"), "{failure}");
    }

    #[test]
    fn an_allowed_violation_passes_by_file_and_by_folder() {
        assert_eq!(failure(found("a/b.rs"), &["a/b.rs"], ""), None);
        assert_eq!(failure(found("a/b.rs"), &["a/"], ""), None);
        assert!(failure(found("a/b.rs"), &["a"], "").is_some());
    }

    #[test]
    fn an_entry_without_violation_fails() {
        let failure = failure(found("a/b.rs"), &["a/", "c.rs"], "").unwrap();
        assert!(failure.contains("`c.rs` has no violation any more"), "{failure}");
    }
}
