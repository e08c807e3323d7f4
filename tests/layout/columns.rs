//! Guards: lines end where they can be read at a glance.

use super::{
    comments, markdown,
    report::{Violation, hold},
    sources::Sources,
};

const COMMENT: usize = 100;
const CODE: usize = 110;
const PROSE: usize = 100;

#[test]
fn comments_end_at_column_100_and_code_at_110() {
    let files = Sources::repository().ending(".rs");
    let violations = files.flat_map(|(file, text)| wide_rust(file, text)).collect();
    hold(violations, "Wrap the line. Contents of strings do not count.");
}

#[test]
fn markdown_prose_ends_at_column_100() {
    let files = Sources::repository().ending(".md");
    let violations = files.flat_map(|(file, text)| wide_prose(file, text)).collect();
    hold(violations, "Wrap the line. Code, tables and targets of links may be wider.");
}

fn wide_rust(file: &str, text: &str) -> Vec<Violation> {
    let read = comments::read(text);
    let mut violations = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let (number, width) = (index + 1, line.chars().count());
        let comment = read.comments.iter().find(|comment| comment.line == number);
        if let Some(comment) = comment {
            let is_table = comment.text.trim_start().starts_with('|');
            let width = width.min(markdown::without_targets(line).trim_end().chars().count());
            if width > COMMENT && !is_table {
                violations.push(Violation::new(file, number, format!("a comment ends at column {width}")));
            }
        } else if width > CODE && code_width(line) > CODE && !read.string_lines.contains(&number) {
            violations.push(Violation::new(file, number, format!("code ends at column {width}")));
        }
    }
    violations
}

/// Width of a line without the contents of its strings: an error text is one literal, which would
/// only be harder to read and to find in pieces.
fn code_width(line: &str) -> usize {
    let (mut width, mut is_in_string, mut is_escaped) = (0, false, false);
    for c in line.chars() {
        match c {
            '"' if !is_escaped => is_in_string = !is_in_string,
            _ if is_in_string => {}
            _ => width += 1,
        }
        is_escaped = is_in_string && c == '\\' && !is_escaped;
    }
    width
}

fn wide_prose(file: &str, text: &str) -> Vec<Violation> {
    let width = |line: &str| markdown::without_targets(line).trim_end().chars().count();
    let wide = markdown::prose(text).into_iter().filter(|(_, line)| width(line) > PROSE);
    wide.map(|(number, line)| Violation::new(file, number, format!("ends at column {}", width(line))))
        .collect()
}

#[test]
fn wide_lines_are_found() {
    let (word, link) = ("w".repeat(98), format!("[x](https://{})", "w".repeat(99)));
    let text = format!(
        "// {word}\n//! {word}\n/// {link}\nlet {word}; // x\nlet x = \"{word}\\\"{word}\";\n\"\n{word}{word}\"\n"
    );
    let found: Vec<usize> = wide_rust("a.rs", &text).into_iter().map(|found| found.line).collect();
    assert_eq!(found, [1, 2, 4]);
    let text = format!("{word}www\n{word} {link}\n```\n{word}{word}\n```\n");
    let found: Vec<usize> = wide_prose("a.md", &text).into_iter().map(|found| found.line).collect();
    assert_eq!(found, [1, 2]);
}
