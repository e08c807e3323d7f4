//! JSON path to a value, for error replies.

use std::fmt::{self, Display, Write};

use crate::close::truncate_at_char;

/// Longest displayed path, in bytes.
const MAX_PATH: usize = 128;

/// JSON path to a value. Displayed like `items[2].price`, in at most 128 bytes; empty for the whole
/// message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::dispatch) struct JsonPath {
    /// Innermost segment first: an error collects them on its way out of nested values.
    segments: Vec<Segment>,
}

/// One step of a path. A key is kept only as far as a path can show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Segment {
    Key(String),
    Index(usize),
}

impl JsonPath {
    /// Creates the path to a field of the message itself.
    pub(in crate::dispatch) fn of_key(name: &str) -> Self {
        Self { segments: vec![Segment::key(name)] }
    }

    pub(in crate::dispatch) fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }

    /// Returns true if this is the path to the message's own field of that name.
    pub(in crate::dispatch) fn is_key(&self, name: &str) -> bool {
        *self == Self::of_key(name)
    }

    /// Returns true if this is the path to any field of the message itself.
    pub(in crate::dispatch) fn is_of_one_key(&self) -> bool {
        matches!(self.segments[..], [Segment::Key(_)])
    }

    /// Adds the segment that leads to the value in which this path begins.
    pub(super) fn push_outer(&mut self, segment: Segment) {
        self.segments.push(segment);
    }

    /// Makes this the path of the whole message again.
    pub(super) fn clear(&mut self) {
        self.segments.clear();
    }
}

impl Segment {
    /// Creates the segment of a field. It keeps one byte more than a path shows: enough to display
    /// that the path is truncated.
    pub(super) fn key(key: &str) -> Self {
        Self::Key(truncate_at_char(key, MAX_PATH + 1).to_owned())
    }
}

impl Display for JsonPath {
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
                return write!(f, "{}…", truncate_at_char(&path, MAX_PATH - '…'.len_utf8()));
            }
        }
        f.write_str(&path)
    }
}

/// Returns true for a key that needs no quotes in a path.
fn is_plain(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_$-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(segments: impl IntoIterator<Item = Segment>) -> String {
        let mut segments: Vec<_> = segments.into_iter().collect();
        segments.reverse();
        JsonPath { segments }.to_string()
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
}
