//! Guard: doc comments say the thing itself.

use super::{
    comments::{self, Kind},
    report::{Violation, hold},
    sources::Sources,
};

/// Words that begin a relative clause, or a riddle.
const WORDS: &[&str] = &[
    "How", "If", "Until", "What", "When", "Where", "Whether", "Which", "Who", "Whoever", "Whom", "Whose",
    "Why",
];

const ADVICE: &str =
    "Begin with a verb (\"Returns ..\") or a noun (\"Time until ..\"); a flag's is \"True while ..\".";

#[test]
fn doc_comments_begin_with_a_verb_or_a_noun() {
    let files = Sources::repository().ending(".rs");
    let violations = files.flat_map(|(file, text)| clauses(file, text)).collect();
    hold(violations, ADVICE);
}

fn clauses(file: &str, text: &str) -> Vec<Violation> {
    let comments = comments::read(text).comments;
    let docs: Vec<_> = comments.into_iter().filter(|comment| comment.kind != Kind::Plain).collect();
    let mut violations = Vec::new();
    let mut before = (0, Kind::Plain);
    for doc in docs {
        let begins = before != (doc.line - 1, doc.kind);
        before = (doc.line, doc.kind);
        let first = doc.text.trim_start().trim_start_matches(['*', '_', '`', '[', '"']);
        let word: String = first.chars().take_while(|c| c.is_alphabetic()).collect();
        if begins && WORDS.iter().any(|clause| clause.eq_ignore_ascii_case(&word)) {
            violations.push(Violation::new(file, doc.line, format!("a doc comment begins with \"{word}\"")));
        }
    }
    violations
}

#[test]
fn clauses_are_found() {
    let text = "//! What it is.\n\n/// Returns it.\n/// If not, waits.\nfn f() {}\n\
                /// **Whether** it is.\nfn g() {}\n// Why not.\n/// - When: later.\nfn h() {}\n///
                /// Whole.\n";
    let found: Vec<usize> = clauses("a.rs", text).into_iter().map(|found| found.line).collect();
    assert_eq!(found, [1, 6]);
}
