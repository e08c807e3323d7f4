use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cookie::{Cookie, time::OffsetDateTime};
use http::{HeaderMap, HeaderValue, header::SET_COOKIE};

/// Cookies of a client and its clones.
#[derive(Debug, Clone, Default)]
pub(super) struct CookieJar(Arc<Mutex<Vec<StoredCookie>>>);

#[derive(Debug)]
struct StoredCookie {
    name: String,
    value: String,
    path: String,
}

impl CookieJar {
    pub(super) fn set(&self, name: &str, value: &str, path: &str) {
        let cookie = StoredCookie { name: name.into(), value: value.into(), path: path.into() };
        let mut all = self.lock();
        all.retain(|other| (&other.name, &other.path) != (&cookie.name, &cookie.path));
        all.push(cookie);
    }

    pub(super) fn get(&self, name: &str) -> Option<String> {
        self.lock().iter().rfind(|cookie| cookie.name == name).map(|cookie| cookie.value.clone())
    }

    /// Stores the cookies that the response to a request for `path` sets, and removes those that it
    /// expires.
    pub(super) fn receive(&self, path: &str, headers: &HeaderMap) {
        for line in headers.get_all(SET_COOKIE) {
            let Some(cookie) = line.to_str().ok().and_then(|line| Cookie::parse(line).ok()) else { continue };
            let cookie_path =
                cookie.path().filter(|path| path.starts_with('/')).unwrap_or(default_path(path));
            self.set(cookie.name(), cookie.value(), cookie_path);
            if is_expired(&cookie) {
                self.lock().pop();
            }
        }
    }

    /// Returns the header `Cookie` of a request for `path`, cookies with the longest path first
    /// (RFC 6265, section 5.4).
    pub(super) fn header(&self, path: &str) -> Option<HeaderValue> {
        let all = self.lock();
        let mut fitting: Vec<&StoredCookie> =
            all.iter().filter(|cookie| covers(&cookie.path, path)).collect();
        fitting.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        let pairs: Vec<String> =
            fitting.iter().map(|cookie| format!("{}={}", cookie.name, cookie.value)).collect();
        (!pairs.is_empty()).then(|| HeaderValue::from_str(&pairs.join("; ")).ok()).flatten()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<StoredCookie>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns true if the header removes the cookie. `Max-Age` takes precedence over `Expires`.
fn is_expired(cookie: &Cookie<'_>) -> bool {
    match cookie.max_age() {
        Some(age) => !age.is_positive(),
        None => cookie.expires_datetime().is_some_and(|end| end <= OffsetDateTime::now_utc()),
    }
}

/// Returns the default path of a cookie: the folder of the request's path (RFC 6265, section
/// 5.1.4).
fn default_path(path: &str) -> &str {
    match path.rfind('/') {
        None | Some(0) => "/",
        Some(slash) => &path[..slash],
    }
}

/// Returns true if a cookie of this path is sent to `path` (RFC 6265, section 5.1.4).
fn covers(cookie_path: &str, path: &str) -> bool {
    path.strip_prefix(cookie_path)
        .is_some_and(|rest| rest.is_empty() || cookie_path.ends_with('/') || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn respond(jar: &CookieJar, path: &str, lines: &[&'static str]) {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(SET_COOKIE, HeaderValue::from_static(line));
        }
        jar.receive(path, &headers);
    }

    fn sent(jar: &CookieJar, path: &str) -> String {
        jar.header(path).map_or(String::new(), |header| header.to_str().expect("ASCII").to_owned())
    }

    #[test]
    fn cookies_go_where_their_path_says() {
        let jar = CookieJar::default();
        respond(&jar, "/account/login", &["a=1", "b=2; Path=/", "c=3; Path=/chat", "d=4; Path=nonsense"]);
        assert_eq!(sent(&jar, "/"), "b=2");
        assert_eq!(sent(&jar, "/account"), "a=1; d=4; b=2");
        assert_eq!(sent(&jar, "/account/x"), "a=1; d=4; b=2");
        assert_eq!(sent(&jar, "/chat/rooms"), "c=3; b=2");
        assert_eq!(sent(&jar, "/chatter"), "b=2");
    }

    #[test]
    fn a_cookie_is_replaced_and_taken_back() {
        let jar = CookieJar::default();
        respond(&jar, "/", &["a=1", "a=2; HttpOnly; Secure", "b=x; Max-Age=60"]);
        assert_eq!((sent(&jar, "/"), jar.get("a")), ("a=2; b=x".into(), Some("2".into())));
        respond(&jar, "/", &["a=; Max-Age=0", "b=; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "not a cookie"]);
        assert_eq!((sent(&jar, "/"), jar.get("a")), (String::new(), None));
    }
}
