//! Selection of the subprotocol: [RFC 6455, section
//! 1.9](https://www.rfc-editor.org/rfc/rfc6455#section-1.9).

use std::{collections::HashSet, hash::Hash};

use http::{HeaderMap, header::SEC_WEBSOCKET_PROTOCOL};

use super::{
    header_list::{elements, is_ascii, is_token},
    rejection::Rejection,
};

/// Result of the selection.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Selection {
    /// The server's most preferred subprotocol that the client offers.
    Selected(String),
    /// The client offers subprotocols, and the server speaks none of them.
    NoneInCommon,
    /// The client offers no subprotocol.
    NoOffer,
}

/// Selects a subprotocol. Only offered ones are selected. An offer that the server does not speak
/// is no error: the client decides whether it can do without.
///
/// # Errors
///
/// Returns a rejection for an offer that is not a list of different tokens (RFC 6455, section 4.1,
/// requirement 10).
pub(super) fn select(headers: &HeaderMap, supported: &[String]) -> Result<Selection, Rejection> {
    if !headers.contains_key(SEC_WEBSOCKET_PROTOCOL) {
        return Ok(Selection::NoOffer);
    }
    if !is_ascii(headers, &SEC_WEBSOCKET_PROTOCOL) {
        return Err(Rejection::InvalidSubprotocols);
    }
    let tokens = elements(headers, &SEC_WEBSOCKET_PROTOCOL).map(|name| is_token(name).then_some(name));
    let offered = different(tokens).ok_or(Rejection::InvalidSubprotocols)?;
    Ok(match supported.iter().find(|name| offered.contains(name.as_str())) {
        Some(name) => Selection::Selected(name.clone()),
        None if offered.is_empty() => Selection::NoOffer,
        None => Selection::NoneInCommon,
    })
}

/// Collects the elements; `None` if one is missing or two are equal. Each is hashed once, so that
/// an offer of thousands does not hold up other requests.
fn different<T: Eq + Hash>(all: impl Iterator<Item = Option<T>>) -> Option<HashSet<T>> {
    let mut seen = HashSet::new();
    for one in all {
        if !seen.insert(one?) {
            return None;
        }
    }
    Some(seen)
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, hash::Hasher, rc::Rc};

    use http::HeaderValue;

    use super::*;

    fn offer(lines: &[&str], supported: &[&str]) -> Result<Selection, Rejection> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_str(line).expect("a header value"));
        }
        let supported: Vec<String> = supported.iter().map(|name| (*name).to_owned()).collect();
        select(&headers, &supported)
    }

    fn selected(name: &str) -> Result<Selection, Rejection> {
        Ok(Selection::Selected(name.to_owned()))
    }

    #[test]
    fn the_server_prefers() {
        assert_eq!(offer(&["chat.v1, chat.v2"], &["chat.v2", "chat.v1"]), selected("chat.v2"));
        assert_eq!(offer(&["chat.v1", "chat.v2"], &["chat.v2"]), selected("chat.v2"));
    }

    #[test]
    fn nothing_is_echoed_unasked() {
        assert_eq!(offer(&["chat.v1"], &[]), Ok(Selection::NoneInCommon));
        assert_eq!(offer(&["Chat.v1"], &["chat.v1"]), Ok(Selection::NoneInCommon));
        assert_eq!(offer(&[], &["chat.v1"]), Ok(Selection::NoOffer));
    }

    #[test]
    fn empty_elements_offer_nothing() {
        for lines in [&[""][..], &[" "], &[","], &["", " ,, "]] {
            assert_eq!(offer(lines, &["a"]), Ok(Selection::NoOffer), "{lines:?}");
        }
        for lines in [&["a,,b"][..], &[",a"], &["a,"], &["", "a"], &["x ,\t, a"]] {
            assert_eq!(offer(lines, &["a"]), selected("a"), "{lines:?}");
        }
    }

    #[test]
    fn a_broken_offer_is_refused() {
        for lines in [&["a b"][..], &["a, a"], &["a", "a"], &["a,, a"], &["\"a\""], &["a;b"]] {
            assert_eq!(offer(lines, &["a"]), Err(Rejection::InvalidSubprotocols), "{lines:?}");
        }
    }

    /// Name that counts its hashes and comparisons.
    #[derive(Clone)]
    struct Counted {
        name: usize,
        looks: Rc<Cell<usize>>,
    }

    impl Counted {
        fn look(&self) -> usize {
            self.looks.set(self.looks.get() + 1);
            self.name
        }
    }

    impl PartialEq for Counted {
        fn eq(&self, other: &Self) -> bool {
            self.look() == other.name
        }
    }

    impl Eq for Counted {}

    impl Hash for Counted {
        fn hash<H: Hasher>(&self, state: &mut H) {
            self.look().hash(state);
        }
    }

    /// Returns the average number of looks at one of `n` different names.
    fn looks(n: usize) -> f64 {
        let looks = Rc::new(Cell::new(0));
        let names = (0..n).map(|name| Some(Counted { name, looks: looks.clone() }));
        assert_eq!(different(names).map(|names| names.len()), Some(n));
        looks.get() as f64 / n as f64
    }

    #[test]
    fn an_offer_of_thousands_is_no_more_work_for_each() {
        // One look to add it, and one or two more while the set doubles its size; hashes that agree
        // in the bits that are compared first cost another look now and then.
        for n in [100, 1_000, 10_000, 100_000] {
            assert!(looks(n) < 4.0, "{n}: {}", looks(n));
        }
    }
}
