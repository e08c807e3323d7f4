//! Subprotocols: [RFC 6455, section 1.9](https://www.rfc-editor.org/rfc/rfc6455#section-1.9).

use std::{collections::HashSet, hash::Hash};

use http::{HeaderMap, header::SEC_WEBSOCKET_PROTOCOL};

use super::{
    header_list::{elements, is_ascii, is_token},
    rejection::Rejection,
};

/// What became of the client's offer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Selection {
    /// The first of the server's subprotocols that the client offers.
    Selected(String),
    /// The client offers some, and the server speaks none of them.
    NoneInCommon,
    /// The client offers none.
    NoOffer,
}

/// Selects a subprotocol. What was not offered is never selected, and an offer that the server does not know is no
/// error: the client decides whether it can do without.
///
/// # Errors
///
/// An offer that is no list of different tokens (RFC 6455, section 4.1, requirement 10).
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

/// All of them, if all are there and no two are the same. Each is looked at once: an offer of thousands must not hold up
/// others.
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

    /// A name that counts how often it is looked at.
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

    /// How often one of `n` different names is looked at, on average.
    fn looks(n: usize) -> f64 {
        let looks = Rc::new(Cell::new(0));
        let names = (0..n).map(|name| Some(Counted { name, looks: looks.clone() }));
        assert_eq!(different(names).map(|names| names.len()), Some(n));
        looks.get() as f64 / n as f64
    }

    #[test]
    fn an_offer_of_thousands_is_no_more_work_for_each() {
        // Once to add it, and while the set grows, which it does by doubling, once more or twice; hashes that agree in the
        // bits that are looked at first cost another look now and then.
        for n in [100, 1_000, 10_000, 100_000] {
            assert!(looks(n) < 4.0, "{n}: {}", looks(n));
        }
    }
}
