//! Expectations of serde's visitors in the words of JSON, for error replies.
//!
//! serde describes what a value should be in the words of Rust, with names of the program's types.
//! A client knows neither: it gets "an object" for `struct Order`.

use crate::close::truncate_at_char;

/// Longest expectation that is passed on as it is, in bytes.
const MAX_EXPECTATION: usize = 100;

const ARRAY: &str = "an array";
const OBJECT: &str = "an object";
const STRING: &str = "a string";
/// A string that the text holds as it is: serde can lend no other.
const PLAIN_STRING: &str = "a string without escape sequences";
pub(super) const ONE_FIELD: &str = "an object with one field";
pub(super) const STRING_OR_FIELD: &str = "a string or an object with one field";

/// Self-descriptions of serde's visitors that the name of a type may follow, and their meaning in
/// JSON.
const BY_KIND: &[(&str, &str)] = &[
    ("struct", OBJECT),
    ("struct variant", OBJECT),
    ("internally tagged enum", OBJECT),
    ("adjacently tagged enum", OBJECT),
    ("enum", STRING_OR_FIELD),
    ("tuple struct", ARRAY),
    ("tuple variant", ARRAY),
    ("unit struct", "null"),
    ("unit variant", "null"),
    ("newtype struct", "a value"),
    ("newtype variant", ONE_FIELD),
    ("variant of enum", STRING),
    ("variant identifier", STRING),
    ("variant index", STRING),
    ("field identifier", STRING),
    ("field index", STRING),
];

/// Self-descriptions of serde's visitors that nothing follows, and their meaning in JSON.
const BY_TEXT: &[(&str, &str)] = &[
    ("unit", "null"),
    ("option", "a value or null"),
    ("a sequence", ARRAY),
    ("a map", OBJECT),
    ("map with a single key", ONE_FIELD),
    ("string or map", STRING_OR_FIELD),
    ("a borrowed string", PLAIN_STRING),
    ("a borrowed path", PLAIN_STRING),
    ("a borrowed byte array", PLAIN_STRING),
    ("byte array", "an array of bytes"),
    ("a byte array", "an array of bytes"),
    ("path string", STRING),
    ("integer with support for saturating semantics", "an integer"),
];

/// Translates a visitor's expectation into the words of JSON, without the names of Rust's types.
pub(super) fn public_expectation(text: &str) -> String {
    if let Some((_, public)) = BY_TEXT.iter().find(|(own, _)| *own == text) {
        return (*public).to_owned();
    }
    if let Some(size) = text.strip_prefix("a tuple of size ") {
        return format!("an array of length {size}");
    }
    let (subject, count) = split_count(text);
    match (subject, count) {
        ("in sequence", Some(count)) => return format!("an array of length {count}"),
        ("in map", Some("1")) => return ONE_FIELD.to_owned(),
        ("in map", Some(count)) => return format!("an object with {count} fields"),
        _ => {}
    }
    // The longest kind that fits wins: `struct variant Foo` is no struct of the name `variant`.
    let is_kind =
        |kind: &str| subject.strip_prefix(kind).is_some_and(|name| name.is_empty() || name.starts_with(' '));
    let kinds = BY_KIND.iter().filter(|(kind, _)| is_kind(kind));
    match (kinds.max_by_key(|(kind, _)| kind.len()), count) {
        (Some((_, ARRAY)), Some(count)) => format!("an array of length {count}"),
        (Some((_, public)), _) => (*public).to_owned(),
        (None, _) => truncate_at_char(text, MAX_EXPECTATION).to_owned(),
    }
}

/// Splits the number of elements off `tuple struct Foo with 2 elements` and
/// `2 elements in sequence`.
fn split_count(text: &str) -> (&str, Option<&str>) {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if let Some((subject, rest)) = text.rsplit_once(" with ")
        && let Some((count, "element" | "elements")) = rest.split_once(' ')
        && is_number(count)
    {
        return (subject, Some(count));
    }
    if let Some((count, rest)) = text.split_once(' ')
        && let Some(("element" | "elements", subject)) = rest.split_once(' ')
        && is_number(count)
    {
        return (subject, Some(count));
    }
    (text, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expectations_name_no_types() {
        let public = [
            ("struct Foo", "an object"),
            ("struct Foo with 1 element", "an object"),
            ("struct Foo with 2 elements", "an object"),
            ("struct variant Foo::Bar", "an object"),
            ("struct variant Foo::Bar with 2 elements", "an object"),
            ("struct variant", "an object"),
            ("tuple struct Foo", "an array"),
            ("tuple struct Foo with 1 element", "an array of length 1"),
            ("tuple struct Foo with 12 elements", "an array of length 12"),
            ("tuple variant Foo::Bar", "an array"),
            ("tuple variant Foo::Bar with 2 elements", "an array of length 2"),
            ("tuple variant", "an array"),
            ("enum Foo", "a string or an object with one field"),
            ("enum", "a string or an object with one field"),
            ("string or map", "a string or an object with one field"),
            ("internally tagged enum Foo", "an object"),
            ("adjacently tagged enum Foo", "an object"),
            ("variant of enum Foo", "a string"),
            ("unit struct Foo", "null"),
            ("unit variant Foo::Bar", "null"),
            ("unit variant", "null"),
            ("unit", "null"),
            ("newtype struct", "a value"),
            ("newtype struct Foo", "a value"),
            ("newtype variant", "an object with one field"),
            ("map with a single key", "an object with one field"),
            ("variant identifier", "a string"),
            ("field identifier", "a string"),
            ("variant index 0 <= i < 3", "a string"),
            ("field index 0 <= i < 3", "a string"),
            ("a borrowed string", "a string without escape sequences"),
            ("a borrowed path", "a string without escape sequences"),
            ("a borrowed byte array", "a string without escape sequences"),
            ("option", "a value or null"),
            ("a sequence", "an array"),
            ("a map", "an object"),
            ("a tuple of size 3", "an array of length 3"),
            ("1 element in sequence", "an array of length 1"),
            ("3 elements in sequence", "an array of length 3"),
            ("1 element in map", "an object with one field"),
            ("3 elements in map", "an object with 3 fields"),
        ];
        for (own, expected) in public {
            assert_eq!(public_expectation(own), expected, "{own}");
        }
    }

    #[test]
    fn other_expectations_stay() {
        let stay = [
            "u64",
            "f32",
            "i128",
            "a string",
            "a boolean",
            "a character",
            "a nonzero u8",
            "an array of length 3",
            "an empty array",
            "any value",
            "IPv4 address",
            "`Ok` or `Err`",
            "structured text",
            "unit of measure",
            "a colour with 3 elements each",
            "",
            " with  elements",
            "1 element",
        ];
        for text in stay {
            assert_eq!(public_expectation(text), text);
        }
        assert_eq!(public_expectation(&"日".repeat(50)), "日".repeat(33));
        assert_eq!(public_expectation(&"x".repeat(100)), "x".repeat(100));
        assert_eq!(public_expectation(&"x".repeat(101)), "x".repeat(100));
    }
}
