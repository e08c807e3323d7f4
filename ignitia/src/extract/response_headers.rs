use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use axum_core::extract::FromRequestParts;
use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{
        CONNECTION, CONTENT_LENGTH, HOST, MaxSizeReached, SET_COOKIE, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
    },
    request::Parts,
};

use crate::error::{Error, Result};

/// Extractor of the headers of the response that opens the WebSocket: a 101, or a 200 over HTTP/2.
///
/// It is a handle: clones share the headers. Extractors of your own, a session's `accept` and a
/// handler can set headers until the response is sent, which is when the handler decides: by its
/// first send, receive, close or `accept`. A header whose method returned `Ok` is in the response.
/// Later calls return an error.
///
/// **A refusal carries the headers of its own response** and none of these, be it from an
/// extractor, `accept`, the handler or the server. Put its headers into that response.
///
/// The extractor is for WebSocket routes. On other routes, whose handlers return their headers, it
/// logs an error and answers with 500.
///
/// ```
/// use ignitia::prelude::*;
///
/// async fn room(
///     headers: ResponseHeaders,
///     cookies: Cookies,
///     mut ws: WebSocketConnection,
/// ) -> Result<Response> {
///     if cookies.get("visitor").is_none() {
///         headers.set_cookie("visitor=7c9e; Path=/; Secure; HttpOnly; SameSite=Strict")?;
///     }
///     headers.insert("x-server", "three")?;
///     // The first receive sends the response.
///     while let Some(Message::Text(text)) = ws.recv().await {
///         ws.send_text(text).await?;
///     }
///     Ok(Response::ok())
/// }
/// # let _ = Router::new().websocket("/room", room);
/// ```
#[derive(Clone)]
pub struct ResponseHeaders(Arc<ResponseState>);

/// State of a response that is still to be sent.
struct ResponseState {
    headers: Mutex<HeaderState>,
    request_id: OnceLock<String>,
}

/// Headers of the response until it is sent. The lock is held for a change of the map only, and no
/// code of the user's runs meanwhile.
enum HeaderState {
    Open(HeaderMap),
    Sent,
}

impl ResponseHeaders {
    pub(super) fn open() -> Self {
        let headers = Mutex::new(HeaderState::Open(HeaderMap::new()));
        Self(Arc::new(ResponseState { headers, request_id: OnceLock::new() }))
    }

    /// Returns the cell for the id of the request.
    pub(super) fn request_id(&self) -> &OnceLock<String> {
        &self.0.request_id
    }

    /// Sets a header, in place of those that were set by this name before.
    ///
    /// # Errors
    ///
    /// [`Error::is_answered`] once the response is sent. [`Error::is_invalid_input`] for an invalid
    /// name or value, and for headers that the handshake sets itself: `Connection`, `Upgrade`, all
    /// that begin with `Sec-WebSocket-`, `Content-Length`, `Transfer-Encoding`, `Trailer`, `TE`,
    /// `Host`, `Keep-Alive`, `Proxy-Connection`.
    pub fn insert<N, V>(&self, name: N, value: V) -> Result<()>
    where
        N: TryInto<HeaderName>,
        N::Error: Into<http::Error>,
        V: TryInto<HeaderValue>,
        V::Error: Into<http::Error>,
    {
        let (name, value) = header(name, value)?;
        self.set(|headers| headers.try_insert(name, value).map(drop))
    }

    /// Adds a header, beside those that were set by this name before.
    ///
    /// # Errors
    ///
    /// As [`insert`](Self::insert).
    pub fn append<N, V>(&self, name: N, value: V) -> Result<()>
    where
        N: TryInto<HeaderName>,
        N::Error: Into<http::Error>,
        V: TryInto<HeaderValue>,
        V::Error: Into<http::Error>,
    {
        let (name, value) = header(name, value)?;
        self.set(|headers| headers.try_append(name, value).map(drop))
    }

    /// Adds a cookie, given as the value of a `Set-Cookie` line: `name=value`, then attributes
    /// after semicolons. Any type that displays so will do, such as `Cookie` of the crate `cookie`.
    /// Encode an untrusted value first: a semicolon in it would begin an attribute.
    ///
    /// # Errors
    ///
    /// As [`insert`](Self::insert); also [`Error::is_invalid_input`] for a cookie without a name.
    pub fn set_cookie(&self, cookie: impl fmt::Display) -> Result<()> {
        let line = cookie.to_string();
        let (pair, _) = line.split_once(';').unwrap_or((&line, ""));
        if pair.split_once('=').is_none_or(|(name, _)| name.trim().is_empty()) {
            return Err(Error::input("invalid cookie: write `name=value`"));
        }
        let value = HeaderValue::try_from(line)
            .map_err(|_| Error::input("the cookie is not a valid header value"))?;
        self.set(|headers| headers.try_append(SET_COOKIE, value).map(drop))
    }

    fn set(&self, set: impl FnOnce(&mut HeaderMap) -> Result<(), MaxSizeReached>) -> Result<()> {
        match &mut *self.state() {
            HeaderState::Open(headers) => set(headers).map_err(|_| Error::input("too many headers")),
            HeaderState::Sent => Err(Error::answered()),
        }
    }

    /// Takes the headers out, unless that has been done before. No header can be set afterwards.
    pub(super) fn close(&self) -> Option<HeaderMap> {
        match std::mem::replace(&mut *self.state(), HeaderState::Sent) {
            HeaderState::Open(headers) => Some(headers),
            HeaderState::Sent => None,
        }
    }

    fn state(&self) -> MutexGuard<'_, HeaderState> {
        self.0.headers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn header<N, V>(name: N, value: V) -> Result<(HeaderName, HeaderValue)>
where
    N: TryInto<HeaderName>,
    N::Error: Into<http::Error>,
    V: TryInto<HeaderValue>,
    V::Error: Into<http::Error>,
{
    let name = name.try_into().map_err(|error| Error::input(error.into().to_string()))?;
    if is_set_by_handshake(&name) {
        return Err(Error::input(format!("the header `{name}` is reserved for the handshake")));
    }
    let value = value.try_into().map_err(|error| Error::input(format!("`{name}`: {}", error.into())))?;
    Ok((name, value))
}

/// Returns true for headers that control the connection, and those that a 101 cannot have.
fn is_set_by_handshake(name: &HeaderName) -> bool {
    [CONNECTION, UPGRADE, CONTENT_LENGTH, TRANSFER_ENCODING, TRAILER, TE, HOST].contains(name)
        || ["keep-alive", "proxy-connection"].contains(&name.as_str())
        || name.as_str().starts_with("sec-websocket-")
}

/// Shows the names only: values may be secrets.
impl fmt::Debug for ResponseHeaders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.state() {
            HeaderState::Open(headers) => f.debug_set().entries(headers.keys()).finish(),
            HeaderState::Sent => f.write_str("ResponseHeaders(answered)"),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for ResponseHeaders {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        parts.extensions.get().cloned().ok_or_else(|| {
            let error =
                Error::input("`ResponseHeaders` is only for WebSocket routes: return the headers instead");
            tracing::error!(path = parts.uri.path(), %error);
            error
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_the_handshakes_own_is_not_set() {
        let headers = ResponseHeaders::open();
        for name in [
            "connection",
            "Upgrade",
            "Sec-WebSocket-Accept",
            "sec-websocket-protocol",
            "sec-websocket-extensions",
            "Sec-WebSocket-Version",
            "sec-websocket-anything",
            "content-length",
            "transfer-encoding",
            "trailer",
            "te",
            "host",
            "keep-alive",
            "proxy-connection",
        ] {
            for refused in [headers.insert(name, "x"), headers.append(name, "x")] {
                let error = refused.expect_err(name);
                assert!(error.is_invalid_input(), "{error}");
                assert!(error.to_string().contains(&format!("`{}`", name.to_lowercase())), "{error}");
            }
        }
        assert!(headers.close().expect("it is open").is_empty());
    }

    #[test]
    fn what_is_no_header_is_not_set() {
        let headers = ResponseHeaders::open();
        for refused in [
            headers.insert("no name", "x"),
            headers.insert("", "x"),
            headers.insert("x-a", "two\r\nlines"),
            headers.append("x-a", "nul\0"),
            headers.set_cookie("no cookie"),
            headers.set_cookie("=nothing"),
            headers.set_cookie("a=1\r\nX-Smuggled: 2"),
        ] {
            let error = refused.expect_err("no header");
            assert!(error.is_invalid_input(), "{error}");
            assert!(!error.to_string().contains("Smuggled"), "{error}");
        }
        assert!(headers.close().expect("it is open").is_empty());
    }

    #[test]
    fn values_are_not_shown() -> Result<()> {
        let headers = ResponseHeaders::open();
        headers.set_cookie("session=secret")?;
        assert_eq!(format!("{headers:?}"), r#"{"set-cookie"}"#);
        Ok(())
    }
}
