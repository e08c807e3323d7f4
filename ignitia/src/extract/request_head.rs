//! The head of a request as handlers and layers see it: the same over both versions of HTTP, as far as that can be.

use bytes::{BufMut, BytesMut};
use http::{
    HeaderMap, HeaderValue, Uri, Version,
    header::{COOKIE, HOST},
};

/// Tells what only HTTP/2 tells in another place, and joins the lines of the `Cookie` header. Done twice, it is the same.
///
/// - HTTP/2 has the host in its `:authority`: it is given as `Host` too, where the request has none
///   ([RFC 9113, section 8.3.1](https://www.rfc-editor.org/rfc/rfc9113#section-8.3.1)). What is none, because there is a user
///   in it, is not.
/// - Over HTTP/2 a client may send a line for each cookie; whoever looks at the header is to see all of them
///   ([RFC 9113, section 8.2.3](https://www.rfc-editor.org/rfc/rfc9113#section-8.2.3)).
pub(crate) fn unify(version: Version, uri: &Uri, headers: &mut HeaderMap) {
    join_cookies(headers);
    if version == Version::HTTP_2
        && !headers.contains_key(HOST)
        && let Some(authority) = uri.authority().filter(|authority| !authority.as_str().contains('@'))
        && let Ok(host) = HeaderValue::from_str(authority.as_str())
    {
        headers.insert(HOST, host);
    }
}

/// One line for all cookies.
pub(crate) fn join_cookies(headers: &mut HeaderMap) {
    let lines = || headers.get_all(COOKIE).iter();
    if lines().nth(1).is_none() {
        return;
    }
    let mut joined = BytesMut::with_capacity(lines().map(|line| line.len() + 2).sum());
    for line in lines().filter(|line| !line.is_empty()) {
        if !joined.is_empty() {
            joined.put_slice(b"; ");
        }
        joined.put_slice(line.as_bytes());
    }
    let is_sensitive = lines().any(HeaderValue::is_sensitive);
    let mut joined =
        HeaderValue::from_maybe_shared(joined.freeze()).expect("values and `; ` between them are a value");
    joined.set_sensitive(is_sensitive);
    headers.insert(COOKIE, joined);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unified(version: Version, uri: &str, lines: &[(&'static str, &str)]) -> Vec<(String, String)> {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, HeaderValue::from_str(value).expect("a header value"));
        }
        let uri = uri.parse().expect("a URI");
        unify(version, &uri, &mut headers);
        let once = headers.clone();
        unify(version, &uri, &mut headers);
        assert_eq!(headers, once);
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect()
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn cookies_are_one_line() {
        let lines = [("cookie", "a=1"), ("x", "y"), ("cookie", ""), ("cookie", "b=2; c=3")];
        for version in [Version::HTTP_11, Version::HTTP_2] {
            let headers = unified(version, "/ws", &lines);
            assert_eq!(headers, [pair("cookie", "a=1; b=2; c=3"), pair("x", "y")]);
        }
        assert_eq!(
            unified(Version::HTTP_2, "/ws", &[("cookie", "a=1"), ("x", "y"), ("x", "z")]),
            [pair("cookie", "a=1"), pair("x", "y"), pair("x", "z")]
        );
    }

    #[test]
    fn the_authority_of_http_2_is_the_host() {
        let absolute = "https://example.com:8443/ws";
        let host = [pair("host", "example.com:8443")];
        assert_eq!(unified(Version::HTTP_2, absolute, &[]), host);
        assert_eq!(unified(Version::HTTP_2, absolute, &[("host", "other")]), [pair("host", "other")]);
        assert_eq!(unified(Version::HTTP_2, "https://me@example.com/ws", &[]), []);
        assert_eq!(unified(Version::HTTP_2, "/ws", &[]), []);
        assert_eq!(unified(Version::HTTP_11, absolute, &[]), [], "it has to have one");
    }
}
