//! Messages without what differs between machines and with every change of the crates: paths, lines
//! outside of the case, and the margin that is as wide as the longest number of a line.

use std::path::Path;

use crate::cases::package;

/// So many types that implement a trait are listed; rustc itself lists all of them when it is asked
/// to be verbose.
const LISTED_TYPES: usize = 8;

/// Returns the text that is expected of the messages, each of which is given as a terminal shows
/// it.
pub(crate) fn text<'a>(rendered: impl IntoIterator<Item = &'a str>) -> String {
    let mut seen = Vec::new();
    for message in rendered {
        // rustc repeats itself when it compiles incrementally. Those who count the messages see
        // that.
        if !seen.contains(&message) {
            seen.push(message);
        }
    }
    let messages: Vec<_> = seen.into_iter().map(message).filter(|text| !text.is_empty()).collect();
    messages.join("\n")
}

fn message(rendered: &str) -> String {
    let mut lines = Vec::new();
    // True in an excerpt of a file whose lines may move.
    let mut is_elsewhere = false;
    let mut listed_types = None;
    for line in rendered.lines() {
        if is_summary(line) {
            continue;
        }
        let margin = line.trim_start();
        let mut line = without_number_of_others(line.trim_end());
        if margin.starts_with("--> ") || margin.starts_with("::: ") {
            (line, is_elsewhere) = place(&line);
            lines.push(line);
            continue;
        }
        is_elsewhere &= margin.starts_with(|c: char| c.is_ascii_digit() || c == '|' || c == '.');
        if is_elsewhere {
            line = without_number(&line);
        }
        if margin.starts_with("= help: the following types implement trait ")
            || margin.starts_with("= help: the following other types implement trait ")
        {
            listed_types = Some(0);
        } else if let Some(count) = &mut listed_types {
            let indent = line.len() - margin.trim_end().len();
            if indent < 12 {
                listed_types = None;
            } else {
                *count += 1;
                if *count > LISTED_TYPES + 1 {
                    continue;
                }
                if *count == LISTED_TYPES + 1 {
                    line.replace_range(indent - 2.., "and $N others");
                }
            }
        }
        lines.push(named(&line));
    }
    let mut text = String::new();
    for line in with_narrow_margins(&lines) {
        text += &line;
        if !text.ends_with("\n\n") {
            text.push('\n');
        }
    }
    match text.trim_end() {
        "" => String::new(),
        text => format!("{text}\n"),
    }
}

/// Returns true for lines that say nothing about the case.
fn is_summary(line: &str) -> bool {
    const SUMMARIES: [&str; 4] = [
        "error: aborting due to ",
        "For more information about this error, try `rustc --explain",
        "For more information about an error, try `rustc --explain",
        "Some errors have detailed explanations:",
    ];
    SUMMARIES.iter().any(|summary| line.starts_with(summary))
}

/// `and 12 others` without the number.
fn without_number_of_others(line: &str) -> String {
    let number = line.trim_start().strip_prefix("and ").and_then(|rest| rest.strip_suffix(" others"));
    match number {
        Some(number) if number.parse::<usize>().is_ok() => line.replace(number, "$N"),
        _ => line.to_owned(),
    }
}

/// Names the directories in a line.
fn named(line: &str) -> String {
    let root = package().parent().expect("a workspace");
    let with_slash = |path: &Path| format!("{}/", path.display());
    line.replace(&with_slash(package()), "$DIR/").replace(&with_slash(root), "$WORKSPACE/")
}

/// Names the file that an arrow points to; returns true if it is another one than a case, and then
/// no number of a line.
fn place(line: &str) -> (String, bool) {
    let line = named(line);
    let (arrow, path) = line.split_at(line.find("> ").or(line.find(": ")).map_or(0, |end| end + 2));
    if let Some(case) = path.strip_prefix("$DIR/") {
        return (format!("{arrow}{case}"), false);
    }
    let path = without_position(path);
    if let Some((_, library)) =
        path.split_once("/library/").filter(|_| path.contains("/rustc/") || path.contains("/rustlib/"))
    {
        return (format!("{arrow}$RUST/{library}"), true);
    }
    let Some((_, file)) = path.split_once("/registry/src/").and_then(|(_, file)| file.split_once('/')) else {
        return (format!("{arrow}{path}"), true);
    };
    let (package, file) = file.split_once('/').unwrap_or((file, ""));
    let name = package
        .split_once('.')
        .and_then(|(start, _)| start.rsplit_once('-'))
        .map_or(package, |(name, _)| name);
    (format!("{arrow}$CARGO/{name}-$VERSION/{file}"), true)
}

/// `lib.rs:12:5` without the numbers.
fn without_position(path: &str) -> &str {
    path.trim_end_matches(|c: char| c.is_ascii_digit() || c == ':')
}

/// `12 | line` with spaces in place of the number.
fn without_number(line: &str) -> String {
    let start = line.find(|c: char| c != ' ' && !c.is_ascii_digit()).unwrap_or(line.len());
    " ".repeat(start) + &line[start..]
}

/// Narrows the margin of each message, and of each note below it that has one of its own, to the
/// numbers that are left in it.
fn with_narrow_margins(lines: &[String]) -> Vec<String> {
    let mut narrow = Vec::new();
    let mut left = lines;
    while let [line, rest @ ..] = left {
        narrow.push(line.clone());
        left = rest;
        let is_placed = rest.first().is_some_and(|next| next.trim_start().starts_with("--> "));
        if !is_heading(line) || !is_placed {
            continue;
        }
        let mut after_note = false;
        let mut margins = Vec::new();
        for line in rest {
            match margin(line, &mut after_note) {
                Margin::None => break,
                margin => margins.push(margin),
            }
        }
        let cut = margins.iter().filter_map(|margin| match margin {
            Margin::Code(spaces) => Some(*spaces),
            _ => None,
        });
        let cut = cut.min().unwrap_or_default();
        for (line, margin) in rest.iter().zip(&margins) {
            narrow.push(match (margin, line.find(' ')) {
                (Margin::Code(_) | Margin::Text, Some(space)) => {
                    format!("{}{}", &line[..space], &line[space + cut..])
                }
                _ => line.clone(),
            });
        }
        left = &rest[margins.len()..];
    }
    narrow
}

fn is_heading(line: &str) -> bool {
    let rest = line.strip_prefix("error").or_else(|| line.strip_prefix("warning"));
    rest.is_some_and(|rest| rest.starts_with([':', '['])) || line.starts_with("note: ")
}

/// Text to the left of a line's own.
enum Margin {
    /// A number of a line or nothing, with so many spaces that can go.
    Code(usize),
    /// More text of a note below the code.
    Text,
    /// A line that is not indented: a note with a place of its own.
    Note,
    /// The end of what belongs together.
    None,
}

fn margin(line: &str, after_note: &mut bool) -> Margin {
    let is_error = line.starts_with("error") || line.starts_with("warning");
    if is_error && is_heading(line) {
        return Margin::None;
    }
    let was_after_note = std::mem::take(after_note);
    if line.starts_with("note:")
        || line.starts_with("help:")
        || line == "..."
        || was_after_note && line.starts_with("      ")
    {
        *after_note = true;
        return Margin::Note;
    }
    if let Some(rest) = line.strip_prefix("... ") {
        return Margin::Code(rest.len() - rest.trim_start_matches(' ').len());
    }
    let numbered = line.trim_start_matches(' ');
    let unnumbered = numbered.trim_start_matches(|c: char| c.is_ascii_digit());
    let rest = unnumbered.trim_start_matches(' ');
    let digits = numbered.len() - unnumbered.len();
    let has_number = digits > 0;
    let spaces = line.len() - rest.len() - digits;
    let is_mark = |marks: &[&str]| {
        let behind = marks.iter().find_map(|mark| rest.strip_prefix(mark));
        behind.is_some_and(|behind| behind.is_empty() || behind.starts_with(' '))
    };
    let is_code = is_mark(&["|"])
        || has_number && is_mark(&["~", "+", "-"])
        || !has_number && ["--> ", "::: ", "= "].iter().any(|mark| rest.starts_with(mark));
    if spaces > 0 && is_code {
        return Margin::Code(spaces - 1);
    }
    if !has_number && spaces > 10 { Margin::Text } else { Margin::None }
}
