//! Comments of a Rust file, and the lines that a text of several lines fills.

use std::{iter::Peekable, str::CharIndices};

/// A comment of one line, or a line of a documentation.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Comment<'a> {
    pub(super) line: usize,
    pub(super) kind: Kind,
    /// Text behind the slashes.
    pub(super) text: &'a str,
    /// True if code stands before it.
    pub(super) follows_code: bool,
}

/// Form of a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `//`
    Plain,
    /// `///`
    Outer,
    /// `//!`
    Inner,
}

/// Comments, and lines that begin within a string.
#[derive(Debug, Default)]
pub(super) struct Commented<'a> {
    pub(super) comments: Vec<Comment<'a>>,
    pub(super) string_lines: Vec<usize>,
}

/// Reads a file. Comments in `/* */` are skipped: there are none.
pub(super) fn read(text: &str) -> Commented<'_> {
    let mut scanner = Scanner { text, chars: text.char_indices().peekable(), line: 1, line_start: 0 };
    let mut found = Commented::default();
    while let Some((at, c)) = scanner.next() {
        match c {
            '/' if scanner.peek() == Some('/') => {
                let (line, follows_code) = (scanner.line, !text[scanner.line_start..at].trim().is_empty());
                let end = text[at..].find('\n').map_or(text.len(), |length| at + length);
                scanner.skip_to(end);
                let comment = &text[at..end];
                let (kind, text) = match comment {
                    _ if comment.starts_with("////") => (Kind::Plain, &comment[2..]),
                    _ if comment.starts_with("///") => (Kind::Outer, &comment[3..]),
                    _ if comment.starts_with("//!") => (Kind::Inner, &comment[3..]),
                    _ => (Kind::Plain, &comment[2..]),
                };
                found.comments.push(Comment { line, kind, text, follows_code });
            }
            '/' if scanner.peek() == Some('*') => {
                let end = text[at..].find("*/").map_or(text.len(), |length| at + length);
                scanner.skip_to(end);
            }
            '"' => {
                let first = scanner.line;
                scanner.skip_string();
                found.string_lines.extend(first + 1..=scanner.line);
            }
            'r' if scanner.begins_raw(at) => {
                let first = scanner.line;
                scanner.skip_raw();
                found.string_lines.extend(first + 1..=scanner.line);
            }
            '\'' => scanner.skip_char(),
            _ => {}
        }
    }
    found
}

struct Scanner<'a> {
    text: &'a str,
    chars: Peekable<CharIndices<'a>>,
    line: usize,
    line_start: usize,
}

impl Iterator for Scanner<'_> {
    type Item = (usize, char);

    fn next(&mut self) -> Option<Self::Item> {
        let (at, c) = self.chars.next()?;
        if c == '\n' {
            self.line += 1;
            self.line_start = at + 1;
        }
        Some((at, c))
    }
}

impl Scanner<'_> {
    fn peek(&mut self) -> Option<char> {
        self.chars.peek().map(|(_, c)| *c)
    }

    fn skip_to(&mut self, end: usize) {
        while self.chars.peek().is_some_and(|(at, _)| *at < end) {
            self.next();
        }
    }

    fn skip_string(&mut self) {
        while let Some((_, c)) = self.next() {
            match c {
                '\\' => drop(self.next()),
                '"' => break,
                _ => {}
            }
        }
    }

    /// Returns true if the `r` at `at` begins a raw string, and not a name.
    fn begins_raw(&self, at: usize) -> bool {
        let before = self.text[..at].chars().next_back();
        let is_name = before.is_some_and(|c| (c.is_alphanumeric() && c != 'b' && c != 'c') || c == '_');
        !is_name && self.text[at + 1..].trim_start_matches('#').starts_with('"')
    }

    fn skip_raw(&mut self) {
        let mut end = "\"".to_owned();
        while let Some((_, '#')) = self.next() {
            end.push('#');
        }
        let at = self.chars.peek().map_or(self.text.len(), |(at, _)| *at);
        let length = self.text[at..].find(&end).unwrap_or(0);
        self.skip_to(at + length + end.len());
    }

    /// Skips a character, and not a lifetime.
    fn skip_char(&mut self) {
        let mut ahead = self.chars.clone().map(|(_, c)| c);
        match (ahead.next(), ahead.next()) {
            (Some('\\'), _) => {
                self.next();
                self.next();
                while self.next().is_some_and(|(_, c)| c != '\'') {}
            }
            (Some(_), Some('\'')) => {
                self.next();
                self.next();
            }
            _ => {}
        }
    }
}

#[test]
fn comments_are_told_from_strings() {
    let text = "//! inner\nlet x = \"// no \\\" //\"; // after\n/// outer\nr#\"// no\n\"// no\"#;\n\
                let c = ('\"', '\\'', b'/'); // it\n\"a\n// no\n\"; f::<'a>(); // last";
    let found = read(text);
    let comments: Vec<_> = found
        .comments
        .iter()
        .map(|comment| (comment.line, comment.kind, comment.text, comment.follows_code))
        .collect();
    assert_eq!(
        comments,
        [
            (1, Kind::Inner, " inner", false),
            (2, Kind::Plain, " after", true),
            (3, Kind::Outer, " outer", false),
            (6, Kind::Plain, " it", true),
            (9, Kind::Plain, " last", true),
        ]
    );
    assert_eq!(found.string_lines, [5, 8, 9]);
}
