//! Header fields that hold a list: [RFC 9110, section 5.6.1](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.1).
//!
//! A peer writes these before anybody was admitted: they are read in one pass, where they lie.

use http::{HeaderMap, HeaderName};

/// The elements of a list over all its lines, in order. Empty ones count for nothing (section 5.6.1.2). What is no text is
/// left out by itself: its neighbours stay.
pub(super) fn elements<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    headers
        .get_all(name)
        .iter()
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b','))
        .filter_map(|element| str::from_utf8(element).ok())
        .map(|element| element.trim_matches([' ', '\t']))
        .filter(|element| !element.is_empty())
}

/// Whether a list has `token` as a whole element, in any case.
pub(super) fn has_token(headers: &HeaderMap, name: &HeaderName, token: &str) -> bool {
    elements(headers, name).any(|element| element.eq_ignore_ascii_case(token))
}

/// Whether all lines of a field are ASCII, as what is made of tokens has to be.
pub(super) fn is_ascii(headers: &HeaderMap, name: &HeaderName) -> bool {
    headers.get_all(name).iter().all(|line| line.to_str().is_ok())
}

/// A token as of RFC 9110, section 5.6.2.
pub(crate) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(is_token_byte)
}

pub(super) fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
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
