use std::{fmt, sync::Arc, time::Duration};

use crate::panics::catch;

/// Longest time of a configuration.
const MAX_TIME: Duration = Duration::from_secs(86_400);

/// Configuration of a [`RedisEngine`](super::RedisEngine).
///
/// ```
/// use ignitia::engine::EngineConfig;
///
/// let config = EngineConfig::new("support-desk").queue_messages(50_000);
/// assert_eq!(config.app, "support-desk");
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct EngineConfig {
    /// Name of the application, with which all its keys and channels begin. Applications with
    /// different names may share a server.
    pub app: String,
    /// Maximum number of broadcasts that wait for the engine. One more is an error that
    /// [`is_unavailable`](crate::Error::is_unavailable). Default 10,000.
    pub queue_messages: usize,
    /// Maximum bytes of the broadcasts that wait for the engine. Default 8 MiB.
    pub queue_bytes: usize,
    /// Time within which the server has to answer, and to hand back the heartbeat of this node.
    /// After that both connections are made anew. Default 2 seconds.
    pub patience: Duration,
    /// Time between two heartbeats. Default 500 milliseconds.
    pub heartbeat: Duration,
    /// Time after the last heartbeat of a node until the others remove its members. Their watchers
    /// hear of it a few heartbeats later. Default 10 seconds.
    pub lease: Duration,
    /// Function that returns the credentials for each new connection to the server, in place of
    /// those in its URL. Default `None`.
    pub credentials: Option<CredentialsSource>,
    /// Certificates in PEM of the authorities that may sign the server's certificate, in place of
    /// those that the operating system trusts. Default `None`.
    #[cfg(feature = "tls")]
    pub root_certificates: Option<String>,
}

/// Credentials for a server: a password, and a user of its access control list.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Credentials {
    /// Name of the user. Default `None`: that of the server's default user.
    pub username: Option<String>,
    /// Password.
    pub password: String,
}

/// Function that returns credentials: see [`EngineConfig::credentials`].
#[derive(Clone)]
pub struct CredentialsSource(Arc<dyn Fn() -> Credentials + Send + Sync>);

impl EngineConfig {
    /// Creates the default configuration for an application of this name.
    pub fn new(app: impl Into<String>) -> Self {
        Self {
            app: app.into(),
            queue_messages: 10_000,
            queue_bytes: 8 << 20,
            patience: Duration::from_secs(2),
            heartbeat: Duration::from_millis(500),
            lease: Duration::from_secs(10),
            credentials: None,
            #[cfg(feature = "tls")]
            root_certificates: None,
        }
    }

    /// Sets [`credentials`](field@Self::credentials). The function is called for each new
    /// connection, so a password may be rotated without a restart. It must not block for long. If
    /// it panics, no connection is made, and it is called again for the next attempt.
    #[must_use]
    pub fn credentials(mut self, source: impl Fn() -> Credentials + Send + Sync + 'static) -> Self {
        self.credentials = Some(CredentialsSource(Arc::new(source)));
        self
    }

    /// Returns an error text for a configuration that cannot work, if it is one.
    pub(super) fn fault(&self) -> Option<&'static str> {
        let Self { app, queue_messages, patience, heartbeat, lease, .. } = self;
        if app.is_empty() {
            return Some(
                "`EngineConfig::app` is empty: name the application, no other on the server may have it",
            );
        }
        if *queue_messages == 0 {
            return Some("`EngineConfig::queue_messages` is 0: nothing could be broadcast");
        }
        if heartbeat.is_zero() || *patience / 2 < *heartbeat {
            return Some("`EngineConfig::patience` has to be at least two heartbeats, which are not zero");
        }
        if *patience > MAX_TIME || *lease > MAX_TIME {
            return Some("`EngineConfig::patience` and `EngineConfig::lease` have to be at most a day");
        }
        if *lease < *patience + 2 * *heartbeat {
            return Some("`EngineConfig::lease` has to be at least the patience and two heartbeats");
        }
        None
    }
}

setters!(EngineConfig {
    queue_messages: usize,
    queue_bytes: usize,
    patience: Duration,
    heartbeat: Duration,
    lease: Duration,
});

#[cfg(feature = "tls")]
setters!(EngineConfig { root_certificates: Option<String> });

impl Credentials {
    /// Creates credentials of the server's default user.
    pub fn password(password: impl Into<String>) -> Self {
        Self { username: None, password: password.into() }
    }

    /// Creates credentials of a user of the access control list.
    pub fn user(username: impl Into<String>, password: impl Into<String>) -> Self {
        Self { username: Some(username.into()), password: password.into() }
    }
}

impl CredentialsSource {
    /// Returns the credentials; an error text if the function panics.
    pub(super) fn get(&self) -> Result<Credentials, String> {
        catch(|| (self.0)()).map_err(|panic| format!("the source of the credentials panicked: {panic}"))
    }
}

impl fmt::Debug for CredentialsSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CredentialsSource").finish_non_exhaustive()
    }
}

/// Leaves out the password.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("username", &self.username).finish_non_exhaustive()
    }
}

impl fmt::Debug for EngineConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EngineConfig").field("app", &self.app).finish_non_exhaustive()
    }
}
