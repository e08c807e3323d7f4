use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio_rustls::rustls::server::{ServerSessionMemoryCache, StoresServerSessions};

/// Maximum number of sessions in the cache. The oldest makes room.
const CAPACITY: usize = 256;

/// Time for which a client may resume a session: RFC 5246, appendix F.1.4, and the lifetime that
/// rustls announces to clients of TLS 1.3.
const LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// Cache of TLS sessions that clients may resume.
///
/// A session is kept in memory, instead of a ticket at the client: tickets need a key, and the key
/// needs rotation. rustls's own cache keeps a session of TLS 1.2 until others displace it, which
/// may be never; this one limits its age.
#[derive(Debug)]
pub(super) struct SessionCache {
    /// SessionCache, each with the second of its creation in front.
    cache: Arc<ServerSessionMemoryCache>,
    /// Start of the count of seconds.
    since: Instant,
}

impl SessionCache {
    pub(super) fn new() -> Self {
        Self { cache: ServerSessionMemoryCache::new(CAPACITY), since: Instant::now() }
    }

    fn now(&self) -> Duration {
        self.since.elapsed()
    }
}

impl StoresServerSessions for SessionCache {
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

/// Puts the second of the creation in front of a value.
fn stamped(value: &[u8], now: Duration) -> Vec<u8> {
    [&now.as_secs().to_be_bytes(), value].concat()
}

/// Returns the value, unless it is too old.
fn fresh(mut stamped: Vec<u8>, now: Duration) -> Option<Vec<u8>> {
    let (created, _) = stamped.split_first_chunk()?;
    let age = now.saturating_sub(Duration::from_secs(u64::from_be_bytes(*created)));
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
        let cache = SessionCache::new();
        assert!(cache.put(b"id".to_vec(), b"session".to_vec()));
        assert_eq!(cache.get(b"id"), Some(b"session".to_vec()));
        assert_eq!(cache.take(b"id"), Some(b"session".to_vec()));
        assert_eq!((cache.get(b"id"), cache.take(b"id")), (None, None));
    }
}
