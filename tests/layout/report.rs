//! Violations of guards.

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

/// Fails with all violations.
pub(super) fn hold(violations: Vec<Violation>, advice: &str) {
    if let Some(failure) = failure(violations, advice) {
        panic!("{failure}");
    }
}

fn failure(violations: Vec<Violation>, advice: &str) -> Option<String> {
    let violations: BTreeSet<Violation> = violations.into_iter().collect();
    if violations.is_empty() {
        return None;
    }
    let files = violations.iter().map(|violation| &violation.file).collect::<BTreeSet<_>>().len();
    let mut text = format!("\n{} violations in {files} files. {advice}\n", violations.len());
    violations.iter().for_each(|violation| text += &format!("{violation}\n"));
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_violation_fails_with_its_place_and_advice() {
        let violations = vec![Violation::new("a/b.rs", 3, "is wrong")];
        let failure = failure(violations, "Do it right.").unwrap();
        assert!(failure.contains("Do it right.\na/b.rs:3: is wrong"), "{failure}");
    }

    #[test]
    fn a_guard_without_violations_passes() {
        assert_eq!(failure(Vec::new(), "Do it right."), None);
    }
}
