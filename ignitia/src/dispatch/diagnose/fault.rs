//! What is wrong with a value that could not be read, in a form that programs can use.

use std::fmt::{self, Display, Write};

use serde::de::{Error, Expected, Unexpected};

/// What is wrong with a value, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::dispatch) struct Fault {
    pub(in crate::dispatch) kind: FaultKind,
    pub(in crate::dispatch) path: Path,
    /// What would be right there: names of the program's own, or descriptions of values; nothing of the input.
    pub(in crate::dispatch) expected: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::dispatch) enum FaultKind {
    MissingField,
    UnknownField,
    DuplicateField,
    UnknownVariant,
    InvalidType,
    InvalidValue,
    InvalidLength,
    /// By code of the application. Its text may repeat the input, so it is not kept.
    Refused,
    /// An error of the format itself.
    Format,
}

/// Where a value is. Displayed like `items[2].price`, in at most 128 bytes; empty for the whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::dispatch) struct Path {
    /// The innermost comes first: a path is put together on the way out.
    segments: Vec<Segment>,
}

/// One step of a path. Keys are kept as far as a path can show them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::dispatch) enum Segment {
    Key(String),
    Index(usize),
}

impl Path {
    pub(in crate::dispatch) fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }

    pub(in crate::dispatch) fn of_key(name: &str) -> Self {
        Self { segments: vec![Segment::key(name)] }
    }

    /// Whether this is the field of that name in the whole.
    pub(in crate::dispatch) fn is_key(&self, name: &str) -> bool {
        *self == Self::of_key(name)
    }

    pub(in crate::dispatch) fn is_of_one_key(&self) -> bool {
        matches!(self.segments[..], [Segment::Key(_)])
    }
}

const MAX_PATH: usize = 128;
const MAX_EXPECTATION: usize = 100;

impl Fault {
    pub(in crate::dispatch) fn format() -> Self {
        Self::new(FaultKind::Format)
    }

    /// A value is not what its visitor expects.
    pub(in crate::dispatch) fn unexpected(kind: FaultKind, expected: &dyn Expected) -> Self {
        Self { expected: vec![public_expectation(&expected.to_string())], ..Self::new(kind) }
    }

    /// A key is not what its visitor expects; the fault is the object's.
    pub(in crate::dispatch) fn unexpected_key(expected: &dyn Expected) -> Self {
        let key = public_expectation(&expected.to_string());
        Self {
            expected: vec![format!("an object of which each key is {key}")],
            ..Self::new(FaultKind::InvalidValue)
        }
    }

    /// The same fault, seen from around the value.
    pub(in crate::dispatch) fn within(mut self, segment: Segment) -> Self {
        self.path.segments.push(segment);
        self
    }

    /// The same fault, of this very segment and nothing inside it.
    pub(in crate::dispatch) fn at(mut self, segment: Segment) -> Self {
        self.path.segments.clear();
        self.within(segment)
    }

    fn new(kind: FaultKind) -> Self {
        Self { kind, path: Path::default(), expected: Vec::new() }
    }

    fn of_known(kind: FaultKind, known: &[&str]) -> Self {
        Self { expected: known.iter().map(|name| (*name).to_owned()).collect(), ..Self::new(kind) }
    }
}

impl Error for Fault {
    fn custom<T: Display>(_: T) -> Self {
        Self::new(FaultKind::Refused)
    }

    fn invalid_type(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::unexpected(FaultKind::InvalidType, expected)
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::unexpected(FaultKind::InvalidValue, expected)
    }

    fn invalid_length(_: usize, expected: &dyn Expected) -> Self {
        Self::unexpected(FaultKind::InvalidLength, expected)
    }

    fn unknown_variant(_: &str, known: &'static [&'static str]) -> Self {
        Self::of_known(FaultKind::UnknownVariant, known)
    }

    fn unknown_field(name: &str, known: &'static [&'static str]) -> Self {
        Self::of_known(FaultKind::UnknownField, known).within(Segment::key(name))
    }

    fn missing_field(name: &'static str) -> Self {
        Self::of_known(FaultKind::MissingField, &[name]).within(Segment::key(name))
    }

    fn duplicate_field(name: &'static str) -> Self {
        Self::new(FaultKind::DuplicateField).within(Segment::key(name))
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            FaultKind::MissingField => "missing field",
            FaultKind::UnknownField => "unknown field",
            FaultKind::DuplicateField => "duplicate field",
            FaultKind::UnknownVariant => "unknown variant",
            FaultKind::InvalidType => "invalid type",
            FaultKind::InvalidValue => "invalid value",
            FaultKind::InvalidLength => "invalid length",
            FaultKind::Refused => "refused value",
            FaultKind::Format => "invalid format",
        })?;
        if !self.path.segments.is_empty() {
            write!(f, " at {}", self.path)?;
        }
        if !self.expected.is_empty() {
            write!(f, ", expected {}", self.expected.join(" or "))?;
        }
        Ok(())
    }
}

impl std::error::Error for Fault {}

impl Segment {
    /// A byte more than a path shows is enough to see that it is cut.
    pub(in crate::dispatch) fn key(key: &str) -> Self {
        Self::Key(cut(key, MAX_PATH + 1).to_owned())
    }
}

impl Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut path = String::new();
        for segment in self.segments.iter().rev() {
            match segment {
                Segment::Index(index) => write!(path, "[{index}]")?,
                Segment::Key(key) if !is_plain(key) => {
                    write!(path, "[{}]", serde_json::to_string(key).map_err(|_| fmt::Error)?)?;
                }
                Segment::Key(key) if path.is_empty() => path.push_str(key),
                Segment::Key(key) => write!(path, ".{key}")?,
            }
            if path.len() > MAX_PATH {
                return write!(f, "{}…", cut(&path, MAX_PATH - '…'.len_utf8()));
            }
        }
        f.write_str(&path)
    }
}

fn is_plain(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_$-".contains(&byte))
}

fn cut(text: &str, max: usize) -> &str {
    &text[..text.floor_char_boundary(max)]
}

const ARRAY: &str = "an array";
const OBJECT: &str = "an object";
const STRING: &str = "a string";
/// serde lends a string only if it stands in the text as it is.
const PLAIN_STRING: &str = "a string without escape sequences";
pub(in crate::dispatch) const ONE_FIELD: &str = "an object with one field";
pub(in crate::dispatch) const STRING_OR_FIELD: &str = "a string or an object with one field";

/// How serde's visitors describe themselves in the words of Rust; the name of a type may follow.
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

/// The same, where nothing follows.
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

/// What a visitor expects in the words of JSON, and without the names of Rust's types.
fn public_expectation(text: &str) -> String {
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
    // The longest kind is the one that is meant: `struct variant Foo` is no struct of the name `variant`.
    let is_kind =
        |kind: &str| subject.strip_prefix(kind).is_some_and(|name| name.is_empty() || name.starts_with(' '));
    let kinds = BY_KIND.iter().filter(|(kind, _)| is_kind(kind));
    match (kinds.max_by_key(|(kind, _)| kind.len()), count) {
        (Some((_, ARRAY)), Some(count)) => format!("an array of length {count}"),
        (Some((_, public)), _) => (*public).to_owned(),
        (None, _) => cut(text, MAX_EXPECTATION).to_owned(),
    }
}

/// Takes the number out of `tuple struct Foo with 2 elements` and `2 elements in sequence`.
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

    fn path(segments: impl IntoIterator<Item = Segment>) -> String {
        let mut segments: Vec<_> = segments.into_iter().collect();
        segments.reverse();
        Path { segments }.to_string()
    }

    #[test]
    fn paths_read_like_code() {
        use Segment::Index;
        let key = Segment::key;
        assert_eq!(path([]), "");
        assert_eq!(path([key("to")]), "to");
        assert_eq!(path([key("items"), Index(2), key("price")]), "items[2].price");
        assert_eq!(path([Index(0), Index(10), key("x")]), "[0][10].x");
        assert_eq!(path([key("$ref"), key("a_b-C9")]), "$ref.a_b-C9");
    }

    #[test]
    fn keys_that_are_no_names_are_quoted() {
        let key = Segment::key;
        assert_eq!(path([key("a b")]), r#"["a b"]"#);
        assert_eq!(path([key("a"), key("")]), r#"a[""]"#);
        assert_eq!(path([key("a.b"), key("c")]), r#"["a.b"].c"#);
        assert_eq!(path([key("\"]\n\u{1}\\")]), r#"["\"]\n\u0001\\"]"#);
        assert_eq!(path([key("größe")]), r#"["größe"]"#);
        assert_eq!(path([key("[0]")]), r#"["[0]"]"#);
    }

    #[test]
    fn paths_are_cut() {
        assert_eq!(path([Segment::key(&"k".repeat(128))]), "k".repeat(128));
        assert_eq!(path([Segment::key(&"k".repeat(129))]), format!("{}…", "k".repeat(125)));
        assert_eq!(path([Segment::key(&"k".repeat(1_000_000))]).len(), 128);
        assert_eq!(path(vec![Segment::Index(7); 42]), "[7]".repeat(42));
        assert_eq!(path(vec![Segment::Index(7); 43]), format!("{}…", &"[7]".repeat(43)[..125]));
        for pad in 0..8 {
            for text in ["é", "日", "😀", "\"", "\u{1}"] {
                let path = path([Segment::key(&"k".repeat(pad)), Segment::key(&text.repeat(200))]);
                assert!(path.len() <= 128 && path.len() > 121, "{path}");
                assert!(path.ends_with('…'));
            }
        }
    }

    #[test]
    fn keys_are_kept_only_as_far_as_a_path_shows_them() {
        let Segment::Key(kept) = Segment::key(&"日".repeat(1000)) else { panic!() };
        assert_eq!(kept, "日".repeat(43));
    }

    #[test]
    fn constructors_of_fields() {
        let missing = Fault::missing_field("to");
        assert_eq!((missing.kind.clone(), missing.path.to_string()), (FaultKind::MissingField, "to".into()));
        assert_eq!(missing.expected, ["to"]);
        assert_eq!(missing.within(Segment::Index(3)).path.to_string(), "[3].to");

        let unknown = Fault::unknown_field("tu", &["to", "text"]);
        assert_eq!((unknown.kind.clone(), unknown.path.to_string()), (FaultKind::UnknownField, "tu".into()));
        assert_eq!(unknown.expected, ["to", "text"]);
        assert_eq!(unknown.at(Segment::key("tu")).path.to_string(), "tu");

        let twice = Fault::duplicate_field("to");
        assert_eq!((twice.kind.clone(), twice.path.to_string()), (FaultKind::DuplicateField, "to".into()));
        assert!(twice.expected.is_empty());
    }

    #[test]
    fn constructors_of_values() {
        let secret = Unexpected::Str("hunter2");
        let faults = [
            (Fault::invalid_type(secret, &"struct Foo"), FaultKind::InvalidType, "an object"),
            (Fault::invalid_value(secret, &"a nonzero u8"), FaultKind::InvalidValue, "a nonzero u8"),
            (
                Fault::invalid_length(7, &"a tuple of size 2"),
                FaultKind::InvalidLength,
                "an array of length 2",
            ),
            (Fault::unknown_variant("hunter2", &["a string"]), FaultKind::UnknownVariant, "a string"),
        ];
        for (fault, kind, expected) in faults {
            assert_eq!((&fault.kind, fault.path.to_string().as_str()), (&kind, ""));
            assert_eq!(fault.expected, [expected]);
            assert!(!fault.to_string().contains("hunter2"));
        }
        let refused = Fault::custom("no hunter2 here");
        assert_eq!(refused.kind, FaultKind::Refused);
        assert!(refused.expected.is_empty());
        assert_eq!(refused.to_string(), "refused value");
    }

    #[test]
    fn displays_what_and_where() {
        let fault =
            Fault::unknown_variant("x", &["a", "b"]).within(Segment::Index(1)).within(Segment::key("k"));
        assert_eq!(fault.to_string(), "unknown variant at k[1], expected a or b");
        assert_eq!(Fault::format().to_string(), "invalid format");
    }

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
