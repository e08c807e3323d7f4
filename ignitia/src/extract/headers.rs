use std::{convert::Infallible, ops::Deref};

use axum_core::extract::FromRequestParts;
use bytes::{BufMut, BytesMut};
use http::{HeaderMap, HeaderValue, request::Parts};

use super::request_head::unify;

/// All headers of the request.
///
/// ```
/// use ignitia::prelude::*;
///
/// async fn private(headers: Headers, mut ws: WebSocketConnection) -> Response {
///     if headers.get("authorization").is_none() {
///         return Response::unauthorized("Send an Authorization header"); // a 401: nothing is upgraded yet
///     }
///     while ws.recv().await.is_some() {}
///     Response::ok()
/// }
/// # let _ = Router::new().websocket("/private", private);
/// ```
///
/// # Over HTTP/2
///
/// The headers are the same over both versions of HTTP: `host` is there too, from the `:authority` of HTTP/2, and all cookies
/// are in one line, however many a browser has sent. HTTP/2 has no `connection`, `upgrade` and `sec-websocket-key`.
/// Of what other extractors give, `Method` is `CONNECT` over HTTP/2 where it is `GET` over HTTP/1.1, and `Uri` has a scheme
/// and a host there; its path and its query are the same. Names are in lower case, and the order of different ones means
/// nothing, over either.
///
/// # Memory
///
/// A handler that keeps them holds the text of the headers once, and about a hundred bytes for each. A value whose bytes are
/// not all ASCII cannot be had by `to_str`, but by `as_bytes`; for cookies see [`Cookies`](super::Cookies).
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
        unify(parts.version, &parts.uri, &mut headers);
        detach(&mut headers);
        Ok(Self(headers))
    }
}

/// Copies the values into one piece of memory of their own: as parts of what was read from the peer they would keep all of it,
/// 8 KiB for the least request.
fn detach(headers: &mut HeaderMap) {
    let mut text = BytesMut::with_capacity(headers.values().map(HeaderValue::len).sum());
    headers.values().for_each(|value| text.put_slice(value.as_bytes()));
    let mut text = text.freeze();
    for value in headers.values_mut() {
        let copy = HeaderValue::from_maybe_shared(text.split_to(value.len()));
        let mut copy = copy.expect("it is the same value once more");
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
