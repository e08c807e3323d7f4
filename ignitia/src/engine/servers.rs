use std::fmt;

/// Servers of an engine: the primary is looked for among them, at the start and after each outage.
///
/// Replicas are passed over, so the list may have all servers of a replicated setup. Host names are
/// resolved anew for each connection. The URLs have the form
/// `redis://[user]:[password]@host:port/database`; `rediss://` is TLS (feature `tls`), and
/// `unix:///path/to/socket` a Unix socket. `valkey://` and `valkeys://` mean the same.
///
/// ```
/// use ignitia::engine::RedisServers;
///
/// let one: RedisServers = "redis://127.0.0.1:6379".into();
/// let replicated: RedisServers = ["redis://a:6379", "redis://b:6379"].into();
/// let watched = RedisServers::sentinel(
///     ["redis://s1:26379", "redis://s2:26379", "redis://s3:26379"],
///     "redis://:password@my-primary/0",
/// );
/// ```
///
/// A cluster is refused at the start: a room's messages are ordered by scripts over several keys.
#[derive(Clone, PartialEq, Eq)]
pub struct RedisServers {
    pub(super) urls: Vec<String>,
    /// URL of the primary, with the name that sentinels know it by in place of the host.
    pub(super) primary: Option<String>,
}

impl RedisServers {
    /// Creates servers that Sentinel watches: the sentinels are asked for the address of the
    /// primary. `primary` is a URL with the name of the primary in place of its host. It has the
    /// database and the credentials for the primary; those in the URLs of sentinels are for them.
    pub fn sentinel<U: Into<String>>(
        sentinels: impl IntoIterator<Item = U>,
        primary: impl Into<String>,
    ) -> Self {
        Self { urls: sentinels.into_iter().map(Into::into).collect(), primary: Some(primary.into()) }
    }
}

impl<U: Into<String>> FromIterator<U> for RedisServers {
    fn from_iter<I: IntoIterator<Item = U>>(urls: I) -> Self {
        Self { urls: urls.into_iter().map(Into::into).collect(), primary: None }
    }
}

impl From<&str> for RedisServers {
    fn from(url: &str) -> Self {
        [url].into_iter().collect()
    }
}

impl From<String> for RedisServers {
    fn from(url: String) -> Self {
        [url].into_iter().collect()
    }
}

impl<U: Into<String>, const N: usize> From<[U; N]> for RedisServers {
    fn from(urls: [U; N]) -> Self {
        urls.into_iter().collect()
    }
}

impl<U: Into<String>> From<Vec<U>> for RedisServers {
    fn from(urls: Vec<U>) -> Self {
        urls.into_iter().collect()
    }
}

/// Leaves out the URLs: they may have passwords.
impl fmt::Debug for RedisServers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisServers").field("urls", &self.urls.len()).finish_non_exhaustive()
    }
}
