use std::{convert::Infallible, fmt, ops::Deref, str};

use axum_core::extract::FromRequestParts;
use http::{HeaderMap, header::COOKIE, request::Parts};

/// Extractor of the cookies of the request.
///
/// ```
/// use ignitia::prelude::*;
///
/// async fn members(cookies: Cookies, mut ws: WebSocketConnection) -> Response {
///     let Some(session) = cookies.get("session_id") else {
///         return Response::unauthorized("Log in first");
///     };
///     let _ = ws.send_text(format!("your session begins with {:.4}", session)).await;
///     while ws.recv().await.is_some() {}
///     Response::ok()
/// }
/// # let _ = Router::new().websocket("/members", members);
/// ```
#[derive(Debug, Clone)]
pub struct Cookies(pub CookieMap);

/// Cookies by name.
///
/// Names and values are text: bytes beyond ASCII are read as UTF-8, as browsers send them, and
/// nothing is percent-decoded. A malformed cookie (no `=`, no name, no UTF-8) is left out, and the
/// others of its line stay. Of two cookies with one name the first counts: browsers send the one
/// with the more specific path first.
///
/// The map holds the text of the `Cookie` header, never more than was sent. Each [`get`](Self::get)
/// parses the text from its beginning.
#[derive(Clone, Default)]
pub struct CookieMap {
    /// Pairs between semicolons, not parsed yet. A copy: a slice of the request's bytes would keep
    /// all of them in memory.
    pairs: Box<str>,
}

impl CookieMap {
    /// Returns the value of a cookie, without quotes around it.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find_map(|(candidate, value)| (candidate == name).then_some(value))
    }

    /// Returns all names and values, in the order of the request.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.split(';').filter_map(pair)
    }
}

/// Parses the name and the value of one cookie.
fn pair(text: &str) -> Option<(&str, &str)> {
    let (name, value) = text.split_once('=')?;
    let (name, value) = (name.trim(), value.trim());
    let unquoted = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
    (!name.is_empty()).then_some((name, unquoted.unwrap_or(value)))
}

impl From<&HeaderMap> for CookieMap {
    fn from(headers: &HeaderMap) -> Self {
        let lines = || headers.get_all(COOKIE).iter().map(|line| line.as_bytes());
        let mut pairs = String::with_capacity(lines().map(|line| line.len() + 1).sum());
        for text in lines().flat_map(|line| line.split(|byte| *byte == b';')) {
            if let Ok(text) = str::from_utf8(text) {
                pairs.push_str(text);
                pairs.push(';');
            }
        }
        pairs.pop();
        Self { pairs: pairs.into() }
    }
}

/// Shows the names only: values are secrets.
impl fmt::Debug for CookieMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(|(name, _)| name)).finish()
    }
}

impl Deref for Cookies {
    type Target = CookieMap;

    fn deref(&self) -> &CookieMap {
        &self.0
    }
}

impl<S: Sync> FromRequestParts<S> for Cookies {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(CookieMap::from(&parts.headers)))
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn cookies(lines: &[&[u8]]) -> CookieMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(COOKIE, HeaderValue::from_bytes(line).expect("a header value"));
        }
        CookieMap::from(&headers)
    }

    #[test]
    fn names_values_quotes_and_several_lines() {
        let cookies = cookies(&[b"a=1; session_id=\"x=y\"; broken; =x; a=2; half=\"", b"b=3"]);
        assert_eq!(cookies.get("a"), Some("1"));
        assert_eq!(cookies.get("session_id"), Some("x=y"));
        assert_eq!(cookies.get("b"), Some("3"));
        assert_eq!(cookies.get("half"), Some("\""));
        assert_eq!((cookies.get("broken"), cookies.get("")), (None, None));
        assert_eq!(format!("{cookies:?}"), r#"["a", "session_id", "a", "half", "b"]"#);
    }

    #[test]
    fn what_is_no_text_takes_nothing_along() {
        let cookies = cookies(&["session=abc; n=Jörg".as_bytes(), b"latin1=J\xf6rg; last=1", b"\xff; x=2"]);
        let all: Vec<(&str, &str)> = cookies.iter().collect();
        assert_eq!(all, [("session", "abc"), ("n", "Jörg"), ("last", "1"), ("x", "2")]);
    }

    #[test]
    fn it_holds_no_more_than_was_sent() {
        let line = "a=;".repeat(20_000);
        let cookies = cookies(&[line.as_bytes(), b"b=1"]);
        assert!(cookies.pairs.len() <= line.len() + 5);
        assert_eq!(cookies.iter().count(), 20_001);
        assert_eq!(cookies.get("b"), Some("1"));
    }
}
