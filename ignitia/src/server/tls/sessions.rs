use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio_rustls::rustls::server::{ServerSessionMemoryCache, StoresServerSessions};

/// Sessions that are kept; the oldest makes room.
const CAPACITY: usize = 256;

/// How long a client may come back to a session: RFC 5246, appendix F.1.4, and what rustls tells clients of TLS 1.3.
const LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// What clients resume: kept in memory, so that nothing is encrypted with a key that would have to be changed. rustls by
/// itself keeps a session of TLS 1.2 until others take its place, which may be never.
#[derive(Debug)]
pub(super) struct Sessions {
    /// Each with its age in front of it.
    cache: Arc<ServerSessionMemoryCache>,
    /// What ages are counted from.
    since: Instant,
}

impl Sessions {
    pub(super) fn new() -> Self {
        Self { cache: ServerSessionMemoryCache::new(CAPACITY), since: Instant::now() }
    }

    fn now(&self) -> Duration {
        self.since.elapsed()
    }
}

impl StoresServerSessions for Sessions {
    fn put(&self, key: Vec<u8>, value: Vec<u8>) -> bool {
        self.cache.put(key, stamped(&value, self.now()))
    }

    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        fresh(self.cache.get(key)?, self.now())
    }

    fn take(&self, key: &[u8]) -> Option<Vec<u8>> {
        fresh(self.cache.take(key)?, self.now())
    }

    fn can_cache(&self) -> bool {
        true
    }
}

/// The value behind the second in which it was made.
fn stamped(value: &[u8], now: Duration) -> Vec<u8> {
    [&now.as_secs().to_be_bytes(), value].concat()
}

/// The value, unless its time is over.
fn fresh(mut stamped: Vec<u8>, now: Duration) -> Option<Vec<u8>> {
    let (made, _) = stamped.split_first_chunk()?;
    let age = now.saturating_sub(Duration::from_secs(u64::from_be_bytes(*made)));
    if age >= LIFETIME {
        return None;
    }
    stamped.drain(..size_of::<u64>());
    Some(stamped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_over_after_a_day() {
        let made = Duration::from_secs(1_000);
        let session = || stamped(b"session", made);
        for (age, expected) in [
            (Duration::ZERO, true),
            (LIFETIME - Duration::from_secs(1), true),
            (LIFETIME, false),
            (10 * LIFETIME, false),
        ] {
            assert_eq!(fresh(session(), made + age), expected.then(|| b"session".to_vec()), "{age:?}");
        }
    }

    #[test]
    fn what_is_kept_comes_back() {
        let sessions = Sessions::new();
        assert!(sessions.put(b"id".to_vec(), b"session".to_vec()));
        assert_eq!(sessions.get(b"id"), Some(b"session".to_vec()));
        assert_eq!(sessions.take(b"id"), Some(b"session".to_vec()));
        assert_eq!((sessions.get(b"id"), sessions.take(b"id")), (None, None));
    }
}
