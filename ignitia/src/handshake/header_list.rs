//! Header fields whose value is a list: [RFC 9110, section
//! 5.6.1](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.1).
//!
//! They come from peers that are not admitted yet, so they are read in one pass, without a copy.

use http::{HeaderMap, HeaderName};

use super::byte_set::ByteSet;

const TOKEN_BYTES: ByteSet = ByteSet::alphanumeric_and(b"!#$%&'*+-.^_`|~");

/// Returns the elements of a list over all its lines, in order. Empty elements are skipped (section
/// 5.6.1.2). An element that is not UTF-8 is skipped alone: its neighbours stay.
pub(super) fn elements<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    headers
        .get_all(name)
        .iter()
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b','))
        .filter_map(|element| str::from_utf8(element).ok())
        .map(|element| element.trim_matches([' ', '\t']))
        .filter(|element| !element.is_empty())
}

/// Returns true if a list has `token` as a whole element, in any case.
pub(super) fn has_token(headers: &HeaderMap, name: &HeaderName, token: &str) -> bool {
    // Most lists are this one element.
    let Some(first) = headers.get(name) else { return false };
    let is_alone = first == token || first.as_bytes().eq_ignore_ascii_case(token.as_bytes());
    is_alone || elements(headers, name).any(|element| element.eq_ignore_ascii_case(token))
}

/// Returns true if all lines of a field are ASCII, as lists of tokens must be.
pub(super) fn is_ascii(headers: &HeaderMap, name: &HeaderName) -> bool {
    headers.get_all(name).iter().all(|line| line.to_str().is_ok())
}

/// Returns true for a token: RFC 9110, section 5.6.2.
pub(crate) fn is_token(text: &str) -> bool {
    !text.is_empty() && TOKEN_BYTES.has_all(text)
}

pub(super) fn is_token_byte(byte: u8) -> bool {
    TOKEN_BYTES.has(byte)
}

#[cfg(test)]
mod tests {
    use http::{HeaderValue, header::CONNECTION};

    use super::*;

    #[test]
    fn empty_elements_count_for_nothing() {
        let mut headers = HeaderMap::new();
        for line in [",", "", " , a,,\tb ,", "c"] {
            headers.append(CONNECTION, HeaderValue::from_static(line));
        }
        assert_eq!(elements(&headers, &CONNECTION).collect::<Vec<_>>(), ["a", "b", "c"]);
    }
}
