//! Percent-encoding of paths, in routes and in requests. Literals are equal in every encoding.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// Characters to encode in any part of a URL: all but RFC 3986's unreserved ones.
pub(crate) const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Characters that `encodeURIComponent` encodes.
const COMPONENT: &AsciiSet = &RESERVED.remove(b'!').remove(b'\'').remove(b'(').remove(b')').remove(b'*');

/// Characters to encode in a segment: all but `pchar` (RFC 3986, section 3.3).
const SEGMENT: &AsciiSet = &COMPONENT
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b':')
    .remove(b'@');

/// Returns a route's path with its literals encoded as in URLs, however they were written. axum's
/// matcher compares them with the request's path as it came.
pub(crate) fn canonical(route: &str) -> String {
    map_literals(route, |literal| utf8_percent_encode(literal, SEGMENT).to_string())
}

/// Returns the paths under which axum must find a route: the canonical one first, then those of
/// clients that encode more or less.
pub(crate) fn forms(route: &str) -> Vec<String> {
    let encoded = |set| move |literal: &str| utf8_percent_encode(literal, set).to_string();
    let not_at_all = |literal: &str| literal.replace('{', "{{").replace('}', "}}");
    let mut forms = vec![canonical(route)];
    let others = [COMPONENT, RESERVED].map(|set| map_literals(route, encoded(set)));
    let in_lower_case = [SEGMENT, COMPONENT, RESERVED]
        .map(|set| map_literals(route, |literal| lower_case(&encoded(set)(literal))));
    // Only a path beyond ASCII can come unencoded.
    let raw = (!decoded(route).is_ascii()).then(|| {
        map_literals(route, |literal| {
            // Separators must stay encoded.
            let pieces = literal.split_inclusive(['/', '?', '#', '%', ' ']);
            pieces
                .map(|piece| match piece.strip_suffix(['/', '?', '#', '%', ' ']) {
                    Some(rest) => not_at_all(rest) + &encoded(SEGMENT)(&piece[rest.len()..]),
                    None => not_at_all(piece),
                })
                .collect()
        })
    });
    for form in others.into_iter().chain(in_lower_case).chain(raw) {
        if !forms.contains(&form) {
            forms.push(form);
        }
    }
    forms
}

/// Encodes a literal of a path as in a URL.
pub(crate) fn literal(text: &str) -> String {
    let segments = text.split('/').map(|segment| utf8_percent_encode(&decoded(segment), SEGMENT).to_string());
    segments.collect::<Vec<_>>().join("/")
}

/// Returns a path for people to read: characters beyond ASCII are decoded.
pub(crate) fn readable(path: &str) -> Cow<'_, str> {
    if !path.contains('%') {
        return path.into();
    }
    let mut text = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(at) = rest.find('%') {
        let (before, encoded) = rest.split_at(at);
        text.push_str(before);
        // A run of escapes is one character or several.
        let length =
            encoded.as_bytes().chunks(3).take_while(|escape| is_non_ascii_escape(escape)).count() * 3;
        let (run, behind) = encoded.split_at(length.max(1));
        text.push_str(&percent_decode_str(run).decode_utf8().unwrap_or(run.into()));
        rest = behind;
    }
    (text + rest).into()
}

/// Returns an equivalent path as most clients would write it: unreserved characters unencoded,
/// characters beyond ASCII encoded, and escapes in upper case (RFC 3986, sections 6.2.2.1 and
/// 6.2.2.2). Returns `None` if the path is so already. A segment that would become `.` or `..`
/// stays encoded.
pub(crate) fn normalised(path: &str) -> Option<String> {
    if path.bytes().all(|byte| byte.is_ascii() && byte != b'%') {
        return None;
    }
    let normal: Vec<String> = path.split('/').map(normalise_segment).collect();
    Some(normal.join("/")).filter(|normal| normal != path)
}

fn normalise_segment(text: &str) -> String {
    let is_dots = |text: &str| text == "." || text == "..";
    let with = |keeps_dots: bool| {
        let mut normal = String::with_capacity(text.len());
        let mut bytes = text.as_bytes();
        while let [first, rest @ ..] = bytes {
            bytes = rest;
            match decode_escape(first, rest) {
                Some(byte) => {
                    bytes = &rest[2..];
                    let is_plain =
                        byte.is_ascii_alphanumeric() || b"-_~".contains(&byte) || byte == b'.' && !keeps_dots;
                    if is_plain { normal.push(byte.into()) } else { push_escape(&mut normal, byte) }
                }
                None if first.is_ascii() => normal.push((*first).into()),
                None => push_escape(&mut normal, *first),
            }
        }
        normal
    };
    let normal = with(false);
    if is_dots(&normal) && !is_dots(text) { with(true) } else { normal }
}

fn push_escape(text: &mut String, byte: u8) {
    text.push_str(percent_encoding::percent_encode_byte(byte));
}

/// Returns the byte of an escape.
fn decode_escape(first: &u8, rest: &[u8]) -> Option<u8> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    match (first, rest) {
        (b'%', [high, low, ..]) => u8::try_from(digit(high)? * 16 + digit(low)?).ok(),
        _ => None,
    }
}

fn is_non_ascii_escape(bytes: &[u8]) -> bool {
    bytes
        .split_first()
        .and_then(|(first, rest)| decode_escape(first, rest))
        .is_some_and(|byte| !byte.is_ascii())
}

fn decoded(text: &str) -> Cow<'_, str> {
    percent_decode_str(text).decode_utf8().unwrap_or(text.into())
}

/// Returns the text with its escapes in lower case.
fn lower_case(encoded: &str) -> String {
    let mut escapes = encoded.split('%');
    let first = escapes.next().unwrap_or_default().to_owned();
    escapes.fold(first, |text, escape| {
        let (digits, rest) = escape.split_at(2);
        text + "%" + &digits.to_ascii_lowercase() + rest
    })
}

/// Returns a route's path with its literals converted by `form`. Parameters (`{name}`) stay; `{{`
/// and `}}` are literal braces.
fn map_literals(route: &str, form: impl Fn(&str) -> String) -> String {
    let mut path = String::with_capacity(route.len());
    for (index, segment) in route.split('/').enumerate() {
        if index > 0 {
            path.push('/');
        }
        let mut rest = segment;
        let mut literal = String::new();
        while let Some(next) = rest.chars().next() {
            let brace = |brace: &str| rest.starts_with(brace);
            if brace("{{") || brace("}}") {
                literal.push(next);
                rest = &rest[2..];
            } else if next == '{' {
                path.push_str(&form(&decoded(&std::mem::take(&mut literal))));
                let end = rest.find('}').map_or(rest.len(), |end| end + 1);
                path.push_str(&rest[..end]);
                rest = &rest[end..];
            } else if next == '}' {
                // axum reports the stray brace.
                return route.to_owned();
            } else {
                literal.push(next);
                rest = &rest[next.len_utf8()..];
            }
        }
        path.push_str(&form(&decoded(&literal)));
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_is_found_in_every_form() {
        for (route, found) in [
            ("/", &["/"][..]),
            ("/ws/{room}/{*rest}", &["/ws/{room}/{*rest}"]),
            ("/a-b_c.d~e/", &["/a-b_c.d~e/"]),
            ("/caf\u{e9}/{x}", &["/caf%C3%A9/{x}", "/caf%c3%a9/{x}", "/caf\u{e9}/{x}"]),
            ("/caf%c3%a9/{x}", &["/caf%C3%A9/{x}", "/caf%c3%a9/{x}", "/caf\u{e9}/{x}"]),
            ("/a b", &["/a%20b"]),
            ("/a%20b", &["/a%20b"]),
            ("/a%2Fb", &["/a%2Fb", "/a%2fb"]),
            ("/@me", &["/@me", "/%40me"]),
            ("/(a)", &["/(a)", "/%28a%29"]),
            ("/100%", &["/100%25"]),
            ("/{{a}}", &["/%7Ba%7D", "/%7ba%7d"]),
            ("/\u{fc}%2F%3F", &["/%C3%BC%2F%3F", "/%c3%bc%2f%3f", "/\u{fc}%2F%3F"]),
            ("/\u{fc}@", &["/%C3%BC@", "/%C3%BC%40", "/%c3%bc@", "/%c3%bc%40", "/\u{fc}@"]),
            ("/%2a:", &["/*:", "/*%3A", "/%2A%3A", "/*%3a", "/%2a%3a"]),
            ("/{broken", &["/{broken"]),
            ("/br}oken", &["/br}oken"]),
        ] {
            assert_eq!(forms(route), found, "{route}");
        }
    }

    #[test]
    fn requests_that_mean_the_same_are_the_same() {
        for (path, normal) in [
            ("/ws", None),
            ("/caf%C3%A9/x", None),
            ("/caf%c3%a9/x", Some("/caf%C3%A9/x")),
            ("/caf\u{e9}/x", Some("/caf%C3%A9/x")),
            ("/%77s/%7Eann/v1%2e0", Some("/ws/~ann/v1.0")),
            ("/a%2fb", Some("/a%2Fb")),
            ("/a%2Fb%40", None),
            ("/%2e%2E/%2e/x", Some("/%2E%2E/%2E/x")),
            ("/../.", None),
            ("/100%/%4/%zz/%", None),
            ("/%ff", Some("/%FF")),
            ("*", None),
        ] {
            assert_eq!(normalised(path).as_deref(), normal, "{path}");
            let decode = |path: &str| percent_decode_str(path).collect::<Vec<u8>>();
            assert_eq!(decode(normal.unwrap_or(path)), decode(path), "{path}");
        }
    }

    #[test]
    fn people_read_letters() {
        for (path, text) in [
            ("/ws/{room}", "/ws/{room}"),
            ("/caf%C3%A9/{x}", "/caf\u{e9}/{x}"),
            ("/a%20b%2F%C3%BC%25", "/a%20b%2F\u{fc}%25"),
            ("/%E4%BD%A0%E5%A5%BD", "/\u{4f60}\u{597d}"),
            ("/%ff/%C3/%", "/%ff/%C3/%"),
            ("/%C3\u{e9}", "/%C3\u{e9}"),
        ] {
            assert_eq!(readable(path), text, "{path}");
        }
        assert_eq!(literal("/caf\u{e9}/a%20b"), "/caf%C3%A9/a%20b");
    }
}
