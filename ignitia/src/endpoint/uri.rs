use std::fmt::Display;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What stands for itself in a segment: RFC 3986's unreserved characters.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What stands for itself in the tail of a path: the slashes between its segments too.
const ENCODED_IN_TAIL: &AsciiSet = &ENCODED.remove(b'/');

/// Appends a parameter to a path, percent-encoded.
#[doc(hidden)]
pub fn push_segment(path: &mut String, value: &dyn Display, is_tail: bool) {
    let value = value.to_string();
    path.extend(utf8_percent_encode(&value, if is_tail { ENCODED_IN_TAIL } else { ENCODED }));
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
        assert_eq!(path, "/ws/a%20b%2F%C3%BC%3F/x/y%20z");
    }
}
