//! Construction of URIs from the template of a path.

use std::fmt::Display;

use percent_encoding::{AsciiSet, utf8_percent_encode};

use crate::path::{RESERVED, literal};

/// Characters to percent-encode in the tail of a path: not the slashes between its segments.
const RESERVED_IN_TAIL: &AsciiSet = &RESERVED.remove(b'/');

/// Appends a literal part of a path, percent-encoded.
#[doc(hidden)]
pub fn push_literal(path: &mut String, text: &str) {
    path.push_str(&literal(text));
}

/// Appends a parameter to a path, percent-encoded.
#[doc(hidden)]
pub fn push_segment(path: &mut String, value: &dyn Display, is_tail: bool) {
    let value = value.to_string();
    path.extend(utf8_percent_encode(&value, if is_tail { RESERVED_IN_TAIL } else { RESERVED }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_encoded() {
        let mut path = "/ws/".to_owned();
        push_segment(&mut path, &"a b/ü?", false);
        path.push('/');
        push_segment(&mut path, &"x/y z", true);
        push_literal(&mut path, "/caf\u{e9}");
        assert_eq!(path, "/ws/a%20b%2F%C3%BC%3F/x/y%20z/caf%C3%A9");
    }
}
