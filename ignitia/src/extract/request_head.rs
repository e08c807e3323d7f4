//! Normalization of request heads: handlers and layers see the same headers over both versions of
//! HTTP, as far as possible.

use bytes::{BufMut, BytesMut};
use http::{
    HeaderMap, HeaderValue, Uri, Version,
    header::{COOKIE, HOST},
};

/// Converts the headers of a request to those that HTTP/1.1 would have. Idempotent.
///
/// - HTTP/2 has the host in its `:authority`. It is copied to `Host` if the request has none ([RFC
///   9113, section 8.3.1](https://www.rfc-editor.org/rfc/rfc9113#section-8.3.1)). An authority with
///   a user in it is not.
/// - Over HTTP/2 a client may send a line for each cookie. They are joined, so that readers of the
///   header see all of them
///   ([RFC 9113, section 8.2.3](https://www.rfc-editor.org/rfc/rfc9113#section-8.2.3)).
pub(crate) fn normalize_headers(version: Version, uri: &Uri, headers: &mut HeaderMap) {
    join_cookies(headers);
    add_host(version, uri, headers);
}

/// Copies the host of HTTP/2 to `Host`: see [`normalize_headers`].
pub(crate) fn add_host(version: Version, uri: &Uri, headers: &mut HeaderMap) {
    if version == Version::HTTP_2
        && !headers.contains_key(HOST)
        && let Some(authority) = uri.authority().filter(|authority| !authority.as_str().contains('@'))
        && let Ok(host) = HeaderValue::from_str(authority.as_str())
    {
        headers.insert(HOST, host);
    }
}

/// Joins the lines of the `Cookie` header.
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

    fn normalized(version: Version, uri: &str, lines: &[(&'static str, &str)]) -> Vec<(String, String)> {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, HeaderValue::from_str(value).expect("a header value"));
        }
        let uri = uri.parse().expect("a URI");
        normalize_headers(version, &uri, &mut headers);
        let once = headers.clone();
        normalize_headers(version, &uri, &mut headers);
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
            let headers = normalized(version, "/ws", &lines);
            assert_eq!(headers, [pair("cookie", "a=1; b=2; c=3"), pair("x", "y")]);
        }
        assert_eq!(
            normalized(Version::HTTP_2, "/ws", &[("cookie", "a=1"), ("x", "y"), ("x", "z")]),
            [pair("cookie", "a=1"), pair("x", "y"), pair("x", "z")]
        );
    }

    #[test]
    fn the_authority_of_http_2_is_the_host() {
        let absolute = "https://example.com:8443/ws";
        let host = [pair("host", "example.com:8443")];
        assert_eq!(normalized(Version::HTTP_2, absolute, &[]), host);
        assert_eq!(normalized(Version::HTTP_2, absolute, &[("host", "other")]), [pair("host", "other")]);
        assert_eq!(normalized(Version::HTTP_2, "https://me@example.com/ws", &[]), []);
        assert_eq!(normalized(Version::HTTP_2, "/ws", &[]), []);
        assert_eq!(normalized(Version::HTTP_11, absolute, &[]), [], "HTTP/1.1 requires the header");
    }
}
