use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cookie::{Cookie, time::OffsetDateTime};
use http::{HeaderMap, HeaderValue, header::SET_COOKIE};

/// The cookies of a client and its clones.
#[derive(Debug, Clone, Default)]
pub(super) struct CookieJar(Arc<Mutex<Vec<Kept>>>);

#[derive(Debug)]
struct Kept {
    name: String,
    value: String,
    path: String,
}

impl CookieJar {
    pub(super) fn set(&self, name: &str, value: &str, path: &str) {
        let kept = Kept { name: name.into(), value: value.into(), path: path.into() };
        let mut all = self.lock();
        all.retain(|other| (&other.name, &other.path) != (&kept.name, &kept.path));
        all.push(kept);
    }

    pub(super) fn get(&self, name: &str) -> Option<String> {
        self.lock().iter().rfind(|kept| kept.name == name).map(|kept| kept.value.clone())
    }

    /// Keeps what the answer to a request for `path` sets, and forgets what it takes back.
    pub(super) fn receive(&self, path: &str, headers: &HeaderMap) {
        for line in headers.get_all(SET_COOKIE) {
            let Some(cookie) = line.to_str().ok().and_then(|line| Cookie::parse(line).ok()) else { continue };
            let kept_for = cookie.path().filter(|path| path.starts_with('/')).unwrap_or(default_path(path));
            self.set(cookie.name(), cookie.value(), kept_for);
            if is_taken_back(&cookie) {
                self.lock().pop();
            }
        }
    }

    /// The header `Cookie` of a request for `path`, those for the longest path first (RFC 6265, section 5.4).
    pub(super) fn header(&self, path: &str) -> Option<HeaderValue> {
        let all = self.lock();
        let mut fitting: Vec<&Kept> = all.iter().filter(|kept| covers(&kept.path, path)).collect();
        fitting.sort_by_key(|kept| std::cmp::Reverse(kept.path.len()));
        let pairs: Vec<String> = fitting.iter().map(|kept| format!("{}={}", kept.name, kept.value)).collect();
        (!pairs.is_empty()).then(|| HeaderValue::from_str(&pairs.join("; ")).ok()).flatten()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether it ends a cookie: `Max-Age` goes before `Expires`.
fn is_taken_back(cookie: &Cookie<'_>) -> bool {
    match cookie.max_age() {
        Some(age) => !age.is_positive(),
        None => cookie.expires_datetime().is_some_and(|end| end <= OffsetDateTime::now_utc()),
    }
}

/// The folder of the request's path (RFC 6265, section 5.1.4).
fn default_path(path: &str) -> &str {
    match path.rfind('/') {
        None | Some(0) => "/",
        Some(slash) => &path[..slash],
    }
}

fn covers(kept_for: &str, path: &str) -> bool {
    path.strip_prefix(kept_for)
        .is_some_and(|rest| rest.is_empty() || kept_for.ends_with('/') || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(jar: &CookieJar, path: &str, lines: &[&'static str]) {
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
        answer(&jar, "/account/login", &["a=1", "b=2; Path=/", "c=3; Path=/chat", "d=4; Path=nonsense"]);
        assert_eq!(sent(&jar, "/"), "b=2");
        assert_eq!(sent(&jar, "/account"), "a=1; d=4; b=2");
        assert_eq!(sent(&jar, "/account/x"), "a=1; d=4; b=2");
        assert_eq!(sent(&jar, "/chat/rooms"), "c=3; b=2");
        assert_eq!(sent(&jar, "/chatter"), "b=2");
    }

    #[test]
    fn a_cookie_is_replaced_and_taken_back() {
        let jar = CookieJar::default();
        answer(&jar, "/", &["a=1", "a=2; HttpOnly; Secure", "b=x; Max-Age=60"]);
        assert_eq!((sent(&jar, "/"), jar.get("a")), ("a=2; b=x".into(), Some("2".into())));
        answer(&jar, "/", &["a=; Max-Age=0", "b=; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "not a cookie"]);
        assert_eq!((sent(&jar, "/"), jar.get("a")), (String::new(), None));
    }
}
