//! Upgrade requests that our own server reads, without hyper.

use std::mem::MaybeUninit;

use axum::extract::Request;
use axum_core::body::Body;
use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Uri,
    header::{CONTENT_LENGTH, COOKIE, EXPECT, TRANSFER_ENCODING, UPGRADE},
};

use crate::{extract::join_cookies, router::UpgradePaths};

/// Most headers of such a request. hyper reads those with more.
const MAX_HEADERS: usize = 32;

/// Reads a request for a WebSocket on one of these paths, which has no body and came as a whole.
/// Returns it, and the bytes behind it. Everything else is hyper's to read, and to refuse.
///
/// The request is as [`HeadLimits::check`] leaves one. It needs no check itself, because it came
/// with the first read.
///
/// [`HeadLimits::check`]: super::head_limits::HeadLimits::check
pub(super) fn upgrade_request(
    bytes: &Bytes,
    paths: &UpgradePaths,
    max_headers: usize,
) -> Option<(Request, Bytes)> {
    let mut headers = [const { MaybeUninit::uninit() }; MAX_HEADERS];
    let mut head = httparse::Request::new(&mut []);
    let length = match head.parse_with_uninit_headers(bytes, &mut headers) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) | Err(_) => return None,
    };
    let target = head.path?;
    let path = target.split_once('?').map_or(target, |(path, _)| path);
    // Any other path has to be normalized first, and a URI has no fragment.
    let is_normal = path.bytes().all(|byte| byte.is_ascii() && byte != b'%' && byte != b'#');
    let is_upgrade = head.method == Some("GET") && head.version == Some(1);
    if !is_upgrade || !is_normal || head.headers.len() > max_headers || !paths.contains(path) {
        return None;
    }
    let mut map = HeaderMap::with_capacity(head.headers.len());
    let (mut is_websocket, mut cookie_lines) = (false, 0);
    for header in head.headers.iter() {
        let name = HeaderName::from_bytes(header.name.as_bytes()).ok()?;
        let value = HeaderValue::from_maybe_shared(bytes.slice_ref(header.value)).ok()?;
        match name {
            CONTENT_LENGTH | TRANSFER_ENCODING | EXPECT => return None,
            UPGRADE => is_websocket |= header.value.eq_ignore_ascii_case(b"websocket"),
            COOKIE => cookie_lines += 1,
            _ => {}
        }
        map.append(name, value);
    }
    if !is_websocket {
        return None;
    }
    if cookie_lines > 1 {
        join_cookies(&mut map);
    }
    let mut request = Request::new(Body::empty());
    // Its method is GET and its version HTTP/1.1 by default.
    *request.uri_mut() = Uri::from_maybe_shared(bytes.slice_ref(target.as_bytes())).ok()?;
    *request.headers_mut() = map;
    Some((request, bytes.slice(length..)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;

    const HEAD: &str = "GET /ws/a?b=%20 HTTP/1.1\r\nHost: a\r\nUpgrade: WebSocket\r\nCookie: a=1\r\nX: \
                        y\r\nCookie: b=2\r\n\r\n";

    fn read(head: &str, max_headers: usize) -> Option<(Request, Bytes)> {
        async fn never(_: WebSocketConnection) -> Response {
            Response::ok()
        }
        let router = Router::new().websocket("/ws/{room}", never).get("/ws/page", async || "a page");
        let served = router.into_served().expect("no conflicts");
        upgrade_request(&Bytes::copy_from_slice(head.as_bytes()), &served.upgrade_paths, max_headers)
    }

    #[test]
    fn a_request_is_read_to_its_end() {
        let (request, rest) = read(&format!("{HEAD}rest"), 5).expect("an upgrade");
        assert_eq!((request.method().as_str(), request.version()), ("GET", http::Version::HTTP_11));
        assert_eq!(request.uri(), "/ws/a?b=%20");
        let headers: Vec<_> =
            request.headers().iter().map(|(name, value)| (name.as_str(), value.to_str().ok())).collect();
        let expected = [("host", "a"), ("upgrade", "WebSocket"), ("cookie", "a=1; b=2"), ("x", "y")];
        assert_eq!(headers, expected.map(|(name, value)| (name, Some(value))));
        assert_eq!(&*rest, b"rest");
    }

    #[test]
    fn everything_else_is_left_to_hyper() {
        assert!(read(HEAD, 4).is_none(), "too many headers");
        for (part, other) in [
            ("GET", "POST"),
            ("HTTP/1.1", "HTTP/1.0"),
            ("/ws/a", "/ws/page"),
            ("/ws/a", "/ws/%61"),
            ("/ws/a", "/ws/\u{e4}"),
            ("/ws/a", "/ws/page#a"),
            ("/ws/a", "/ws/a#"),
            ("/ws/a", "/other"),
            ("/ws/a", "http://a/ws/a"),
            ("WebSocket", "h2c"),
            ("X: y", "Content-Length: 0"),
            ("X: y", "Transfer-Encoding: chunked"),
            ("X: y", "Expect: 100-continue"),
            ("X: y", "X : y"),
            ("X: y", "X: \u{0}"),
            ("\r\n\r\n", "\r\n"),
        ] {
            assert!(read(&HEAD.replace(part, other), 5).is_none(), "{part} -> {other}");
        }
    }
}
