use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum_core::{
    extract::{FromRequestParts, Request},
    response::Response,
};
use cookie::Cookie;
use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{
        CONNECTION, CONTENT_LENGTH, HOST, MaxSizeReached, SET_COOKIE, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
    },
    request::Parts,
};

use crate::error::{Error, Result};

/// Headers of the answer that opens the WebSocket: of the 101, and of the 200 over HTTP/2.
///
/// It is a handle: clones are the same headers. Extractors of your own, a session's `accept` and a handler can set some,
/// from the moment they are called until the answer goes out, which is when the handler has decided: by its first send,
/// receive, close or `accept`. A method that returns `Ok` has put its header into the answer; one that is called later
/// returns an error.
///
/// **A refusal carries the headers of its own response** and none of these, whoever refuses: an extractor, `accept`, the
/// handler or the server. Put what belongs to it into that response.
///
/// It belongs to WebSocket routes: on others, whose handlers return their headers, it is an error that is logged and
/// answered with 500.
///
/// ```
/// use ignitia::prelude::*;
///
/// async fn room(headers: ResponseHeaders, cookies: Cookies, mut ws: WebSocketConnection) -> Result<Response> {
///     if cookies.get("visitor").is_none() {
///         headers.set_cookie("visitor=7c9e; Path=/; Secure; HttpOnly; SameSite=Strict")?;
///     }
///     headers.insert("x-server", "three")?;
///     while let Some(Message::Text(text)) = ws.recv().await { // the first receive: the answer goes out
///         ws.send_text(text).await?;
///     }
///     Ok(Response::ok())
/// }
/// # let _ = Router::new().websocket("/room", room);
/// ```
#[derive(Clone)]
pub struct ResponseHeaders(Arc<Mutex<Answer>>);

/// Held for as long as it takes to look at a map; nothing of the user's runs meanwhile.
enum Answer {
    Open(HeaderMap),
    Out,
}

impl ResponseHeaders {
    /// Sets a header, in place of what was set by this name before.
    ///
    /// # Errors
    ///
    /// [`Error::is_answered`] once the answer is out. [`Error::is_invalid_input`] for what is no header, and for names that
    /// are the handshake's own: `Connection`, `Upgrade`, all that begin with `Sec-WebSocket-`, `Content-Length`,
    /// `Transfer-Encoding`, `Trailer`, `TE`, `Host`, `Keep-Alive`, `Proxy-Connection`.
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

    /// Adds a header, beside what was set by this name before.
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

    /// Adds a cookie, as a `Set-Cookie` line has it: `name=value`, and its attributes behind semicolons. A value from outside
    /// must be encoded before, or its semicolons begin attributes. Everything that displays as such a line will do, a
    /// `Cookie` of the crate `cookie` too.
    ///
    /// # Errors
    ///
    /// As [`insert`](Self::insert); what has no name is no cookie.
    pub fn set_cookie(&self, cookie: impl fmt::Display) -> Result<()> {
        let line = cookie.to_string();
        // What was wrong with it is not told: it may be a secret.
        Cookie::parse(&*line).map_err(|_| Error::input("this is no cookie: `name=value` is one"))?;
        let value =
            HeaderValue::try_from(line).map_err(|_| Error::input("this cookie is no header value"))?;
        self.set(|headers| headers.try_append(SET_COOKIE, value).map(drop))
    }

    fn set(&self, set: impl FnOnce(&mut HeaderMap) -> Result<(), MaxSizeReached>) -> Result<()> {
        match &mut *self.answer() {
            Answer::Open(headers) => set(headers).map_err(|_| Error::input("these are too many headers")),
            Answer::Out => Err(Error::answered()),
        }
    }

    fn answer(&self) -> MutexGuard<'_, Answer> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An answer under way. It takes headers until it goes out, or until nobody waits for it any more.
#[derive(Debug)]
pub(crate) struct PendingAnswer(ResponseHeaders);

impl PendingAnswer {
    /// The answer to this request, whose extractors find it there.
    pub(crate) fn to(request: &mut Request) -> Self {
        let headers = ResponseHeaders(Arc::new(Mutex::new(Answer::Open(HeaderMap::new()))));
        request.extensions_mut().insert(headers.clone());
        Self(headers)
    }

    /// Puts what was set into an answer that opens a WebSocket. From here on nothing can be set.
    pub(crate) fn complete(self, answer: &mut Response) {
        if let Answer::Open(headers) = self.close() {
            answer.headers_mut().extend(headers);
        }
    }

    fn close(&self) -> Answer {
        std::mem::replace(&mut *self.0.answer(), Answer::Out)
    }
}

impl Drop for PendingAnswer {
    fn drop(&mut self) {
        self.close();
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
    if is_the_handshakes_own(&name) {
        return Err(Error::input(format!("the header `{name}` is the handshake's own")));
    }
    let value = value.try_into().map_err(|error| Error::input(format!("`{name}`: {}", error.into())))?;
    Ok((name, value))
}

/// What says how the connection goes on, and what a 101 cannot have.
fn is_the_handshakes_own(name: &HeaderName) -> bool {
    [CONNECTION, UPGRADE, CONTENT_LENGTH, TRANSFER_ENCODING, TRAILER, TE, HOST].contains(name)
        || ["keep-alive", "proxy-connection"].contains(&name.as_str())
        || name.as_str().starts_with("sec-websocket-")
}

/// Names only: values may be secrets.
impl fmt::Debug for ResponseHeaders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.answer() {
            Answer::Open(headers) => f.debug_set().entries(headers.keys()).finish(),
            Answer::Out => f.write_str("ResponseHeaders(answered)"),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for ResponseHeaders {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        parts.extensions.get().cloned().ok_or_else(|| {
            let error =
                Error::input("`ResponseHeaders` belongs to WebSocket routes; others return their headers");
            tracing::error!(path = parts.uri.path(), %error);
            error
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open() -> (PendingAnswer, ResponseHeaders) {
        let answer = PendingAnswer::to(&mut Request::default());
        let headers = answer.0.clone();
        (answer, headers)
    }

    fn complete(pending: PendingAnswer) -> HeaderMap {
        let mut answer = Response::default();
        pending.complete(&mut answer);
        std::mem::take(answer.headers_mut())
    }

    #[test]
    fn set_replaced_and_added() -> Result<()> {
        let (answer, headers) = open();
        headers.insert("x-a", "1")?;
        headers.clone().insert("X-A", "2".to_owned())?;
        headers.append("x-b", 3_u16)?;
        headers.append(HeaderName::from_static("x-b"), HeaderValue::from_static("4"))?;
        headers.set_cookie("a=1; Path=/")?;
        headers.set_cookie(Cookie::build(("b", "2")).http_only(true).build())?;
        let all: Vec<_> = complete(answer).into_iter().map(|(_, value)| value).collect();
        assert_eq!(all, ["2", "3", "4", "a=1; Path=/", "b=2; HttpOnly"]);
        Ok(())
    }

    #[test]
    fn what_is_the_handshakes_own_is_not_set() {
        let (answer, headers) = open();
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
        assert!(complete(answer).is_empty());
    }

    #[test]
    fn what_is_no_header_is_not_set() {
        let (answer, headers) = open();
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
        assert!(complete(answer).is_empty());
    }

    #[test]
    fn nothing_is_set_once_the_answer_is_out() {
        let ((answer, accepted), (refusal, refused)) = (open(), open());
        complete(answer);
        drop(refusal);
        for headers in [accepted, refused] {
            for late in [headers.insert("x-a", "1"), headers.append("x-a", "1"), headers.set_cookie("a=1")] {
                assert!(late.expect_err("the answer is out").is_answered());
            }
        }
    }

    #[test]
    fn values_are_not_shown() -> Result<()> {
        let (_answer, headers) = open();
        headers.set_cookie("session=secret")?;
        assert_eq!(format!("{headers:?}"), r#"{"set-cookie"}"#);
        Ok(())
    }
}
