use std::{convert::Infallible, ops::Deref};

use axum_core::extract::FromRequestParts;
use bytes::{BufMut, BytesMut};
use http::{HeaderMap, HeaderValue, request::Parts};

use super::request_head::normalize_headers;

/// Extractor of all headers of the request.
///
/// ```
/// use ignitia::prelude::*;
///
/// async fn private(headers: Headers, mut ws: WebSocketConnection) -> Response {
///     if headers.get("authorization").is_none() {
///         // A 401: nothing is upgraded yet.
///         return Response::unauthorized("Send an Authorization header");
///     }
///     while ws.recv().await.is_some() {}
///     Response::ok()
/// }
/// # let _ = Router::new().websocket("/private", private);
/// ```
///
/// # Over HTTP/2
///
/// The headers are the same over both versions of HTTP: `host` is set from the `:authority` of
/// HTTP/2, and all cookies are in one line, even if a browser sends several. HTTP/2 has no
/// `connection`, `upgrade` and `sec-websocket-key`. Other extractors differ: over HTTP/2 `Method`
/// is `CONNECT` instead of `GET`, and `Uri` has a scheme and a host; its path and its query are the
/// same. Over either version names are in lower case, and the order of different headers means
/// nothing.
///
/// # Memory
///
/// A handler that keeps them holds the text of the headers once, and about a hundred bytes for
/// each. `to_str` fails for a value with bytes beyond ASCII: use `as_bytes`, or for cookies
/// [`Cookies`](super::Cookies).
#[derive(Debug, Clone)]
pub struct Headers(pub HeaderMap);

impl Deref for Headers {
    type Target = HeaderMap;

    fn deref(&self) -> &HeaderMap {
        &self.0
    }
}

impl<S: Sync> FromRequestParts<S> for Headers {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let mut headers = parts.headers.clone();
        normalize_headers(parts.version, &parts.uri, &mut headers);
        detach(&mut headers);
        Ok(Self(headers))
    }
}

/// Copies the values into one allocation of their own. As slices of hyper's read buffer they would
/// keep all of it in memory, 8 KiB for the smallest request.
fn detach(headers: &mut HeaderMap) {
    let mut text = BytesMut::with_capacity(headers.values().map(HeaderValue::len).sum());
    headers.values().for_each(|value| text.put_slice(value.as_bytes()));
    let mut text = text.freeze();
    for value in headers.values_mut() {
        let copy = HeaderValue::from_maybe_shared(text.split_to(value.len()));
        let mut copy = copy.expect("a copy of a valid value is valid");
        copy.set_sensitive(value.is_sensitive());
        *value = copy;
    }
}

#[cfg(test)]
mod tests {
    use http::header::{AUTHORIZATION, COOKIE};

    use super::*;

    #[test]
    fn detached_they_are_the_same() {
        let mut headers = HeaderMap::new();
        let mut secret = HeaderValue::from_static("Bearer x");
        secret.set_sensitive(true);
        headers.insert(AUTHORIZATION, secret);
        for value in ["a=1", "", "b=2"] {
            headers.append(COOKIE, HeaderValue::from_static(value));
        }
        headers.insert("x-name", HeaderValue::from_bytes(b"J\xf6rg").expect("a value"));
        let mut detached = headers.clone();
        detach(&mut detached);
        assert_eq!(detached, headers);
        assert!(detached[AUTHORIZATION].is_sensitive() && !detached[COOKIE].is_sensitive());
    }
}
