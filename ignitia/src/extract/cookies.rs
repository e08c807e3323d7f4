use std::{convert::Infallible, ops::Deref};

use axum_core::extract::FromRequestParts;
use cookie::Cookie;
use http::{HeaderMap, header::COOKIE, request::Parts};

/// The cookies of the request.
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

/// Cookies by name. What cannot be parsed is left out; of two with one name, the first counts, which a browser
/// gives the more specific path.
#[derive(Clone, Default)]
pub struct CookieMap(Vec<Cookie<'static>>);

impl CookieMap {
    /// The value of a cookie, without the quotes it may be in.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find_map(|(candidate, value)| (candidate == name).then_some(value))
    }

    /// All names and values, in the order of the request.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(Cookie::name_value_trimmed)
    }
}

impl From<&HeaderMap> for CookieMap {
    fn from(headers: &HeaderMap) -> Self {
        let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
        Self(lines.flat_map(Cookie::split_parse).filter_map(Result::ok).map(Cookie::into_owned).collect())
    }
}

/// Names only: values are secrets.
impl std::fmt::Debug for CookieMap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
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

    #[test]
    fn names_values_quotes_and_several_lines() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("a=1; session_id=\"x=y\"; broken; a=2"));
        headers.append(COOKIE, HeaderValue::from_static("b=3"));
        let cookies = CookieMap::from(&headers);
        assert_eq!(cookies.get("a"), Some("1"));
        assert_eq!(cookies.get("session_id"), Some("x=y"));
        assert_eq!(cookies.get("b"), Some("3"));
        assert_eq!(cookies.get("broken"), None);
        assert_eq!(format!("{cookies:?}"), r#"["a", "session_id", "a", "b"]"#);
    }
}
