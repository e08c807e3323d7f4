//! Parts of a Markdown text: prose, and the targets of links.

/// Lines of prose: neither code nor tables. Lines count from 1.
pub(super) fn prose(text: &str) -> Vec<(usize, &str)> {
    let mut lines = Vec::new();
    let mut in_code = false;
    for (index, line) in text.lines().enumerate() {
        let start = line.trim_start();
        if start.starts_with("```") || start.starts_with("~~~") {
            in_code = !in_code;
        } else if !in_code && !start.starts_with('|') {
            lines.push((index + 1, line));
        }
    }
    lines
}

/// Removes targets of links and addresses, which cannot be wrapped.
pub(super) fn without_targets(line: &str) -> String {
    let mut rest = line;
    let mut kept = String::new();
    while let Some(at) = rest.find("](") {
        let end = rest[at..].find(')').map_or(rest.len(), |length| at + length + 1);
        kept += &rest[..=at];
        rest = &rest[end..];
    }
    kept += rest;
    let words = kept.split(' ').map(|word| if word.contains("://") { "" } else { word });
    words.collect::<Vec<_>>().join(" ")
}

/// Returns the targets of all links in a line.
pub(super) fn targets(line: &str) -> Vec<&str> {
    let links = line.match_indices("](").filter_map(|(at, _)| line[at + 2..].split(')').next());
    let definition = line.trim_start().strip_prefix('[').and_then(|rest| Some(rest.split_once("]: ")?.1));
    links.chain(definition).map(str::trim).collect()
}

#[test]
fn prose_is_neither_code_nor_table() {
    assert_eq!(prose("a\n```rust\nb\n```\n| c |\nd"), [(1, "a"), (6, "d")]);
}

#[test]
fn links_are_found_and_removed() {
    let line = "see [the list](a/b.md#x), [RFC](https://rfc) or https://example.com now";
    assert_eq!(without_targets(line), "see [the list], [RFC] or  now");
    assert_eq!(targets(line), ["a/b.md#x", "https://rfc"]);
    assert_eq!(targets("[list]: c.md"), ["c.md"]);
}
