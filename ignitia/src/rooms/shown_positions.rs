//! Positions that a client shows in the query of its upgrade request.

use http::{Uri, request::Parts};
use percent_encoding::percent_decode_str;

/// Name of the query's parameters.
const PARAMETER: &str = "$at";

/// Texts of the positions that were taken out of a query.
#[derive(Debug, Clone)]
pub(super) struct ShownPositions(pub(super) Vec<String>);

impl ShownPositions {
    /// Returns those of a request.
    pub(super) fn of(parts: &Parts) -> Self {
        let set_aside = parts.extensions.get::<Self>().cloned();
        set_aside.unwrap_or_else(|| Self::split(parts.uri.query().unwrap_or_default()).0)
    }

    /// Splits a query into the positions and the rest.
    fn split(query: &str) -> (Self, String) {
        let (mut shown, mut rest) = (Vec::new(), Vec::new());
        for pair in query.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            if percent_decode_str(name).eq(PARAMETER.bytes()) {
                shown.push(percent_decode_str(value).decode_utf8_lossy().into_owned());
            } else {
                rest.push(pair);
            }
        }
        (Self(shown), rest.join("&"))
    }
}

/// Takes the positions out of the query, for [`Resume`](super::Resume) alone. To other extractors,
/// which may refuse parameters that they do not know, the request of a client that returns is as
/// its first one was.
pub(crate) fn set_positions_aside(parts: &mut Parts) {
    let Some(query) = parts.uri.query() else { return };
    let (shown, rest) = ShownPositions::split(query);
    if shown.0.is_empty() {
        return;
    }
    let path_and_query = match &*rest {
        "" => parts.uri.path().to_owned(),
        rest => format!("{}?{rest}", parts.uri.path()),
    };
    let mut uri = parts.uri.clone().into_parts();
    uri.path_and_query = path_and_query.parse().ok();
    if let Ok(uri) = Uri::from_parts(uri) {
        parts.uri = uri;
        parts.extensions.insert(shown);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_told_from_the_rest_of_a_query() {
        for (query, shown, rest) in [
            ("", &[][..], ""),
            ("a=1&b=%26&c", &[], "a=1&b=%26&c"),
            ("$at=1.2", &["1.2"], ""),
            ("a=1&$at=1.2&b=2&%24at=3%2e4&", &["1.2", "3.4"], "a=1&b=2&"),
            ("%24%61%74=1.2&$at", &["1.2", ""], ""),
            ("a=$at&$at2=1&x$at=2&at=3", &[], "a=$at&$at2=1&x$at=2&at=3"),
        ] {
            let (positions, other) = ShownPositions::split(query);
            assert_eq!(
                (&*positions.0, &*other),
                (&*shown.iter().map(|at| (*at).to_owned()).collect::<Vec<_>>(), rest),
                "{query}"
            );
        }
    }

    #[test]
    fn the_rest_of_the_address_stays() {
        for (before, after) in [
            ("/a/b?$at=1.2", "/a/b"),
            ("/?x=1&$at=1.2", "/?x=1"),
            ("http://example.com/?$at=1.2&x=%20", "http://example.com/?x=%20"),
            ("/a?x=1", "/a?x=1"),
            ("/a?", "/a?"),
        ] {
            let (mut parts, ()) = http::Request::get(before).body(()).expect("an address").into_parts();
            set_positions_aside(&mut parts);
            assert_eq!(parts.uri.to_string(), after);
            assert_eq!(ShownPositions::of(&parts).0.len(), before.matches("$at").count());
        }
    }
}
