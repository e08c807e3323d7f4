use std::{fmt, hash::Hash, sync::Arc};

/// What a room does for a member that does not read fast enough. The others are never held up, and the member is never left deaf
/// without knowing.
///
/// Messages for which its outbox has no room wait, up to
/// [`outbox_burst`](crate::websocket::WebSocketConfig::outbox_burst); a member is slow when they have waited for
/// [`lag_after`](crate::websocket::WebSocketConfig::lag_after) because its peer takes nothing or too little. A loop of
/// broadcasts without an await costs nobody anything who reads: 16,384 messages, or 16 MiB of them, by default. Those who
/// broadcast more at once let others go first in between, for instance with `tokio::task::yield_now`.
pub enum Overflow<T> {
    /// Closes it: code 1013, reason `lagged`. The default: it comes back, and starts from a known state.
    Close,
    /// Keeps the newest messages, as many as [`RoomConfig::backlog`](super::RoomConfig::backlog). The peer is told how many it missed:
    /// `{"type":"$lagged","room":"lobby","missed":3}`.
    DropOldest,
    /// Gives up the messages that find it slow. The peer is told how many it missed, as above.
    DropNewest,
    /// Keeps the newest message of each key, for values of which only the last counts, like positions. PresenceGrouping more than
    /// [`RoomConfig::backlog`](super::RoomConfig::backlog) keys the oldest are given up, and the peer is told, as above.
    Coalesce(Key<T>),
}

/// The key of a message: see [`Overflow::Coalesce`].
pub struct Key<T>(pub(super) Arc<dyn Fn(&T) -> u64 + Send + Sync>);

impl<T> Key<T> {
    pub(super) fn of(&self, message: &T) -> u64 {
        (self.0)(message)
    }
}

impl<T> Overflow<T> {
    /// [`Overflow::Coalesce`] by a key of any type that can be hashed.
    pub fn coalesce<K: Hash>(key: impl Fn(&T) -> K + Send + Sync + 'static) -> Self {
        use std::hash::{BuildHasher, RandomState};
        let state = RandomState::new();
        Self::Coalesce(Key(Arc::new(move |message| state.hash_one(key(message)))))
    }
}

impl<T> Clone for Overflow<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Close => Self::Close,
            Self::DropOldest => Self::DropOldest,
            Self::DropNewest => Self::DropNewest,
            Self::Coalesce(Key(key)) => Self::Coalesce(Key(key.clone())),
        }
    }
}

impl<T> fmt::Debug for Overflow<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Close => "Close",
            Self::DropOldest => "DropOldest",
            Self::DropNewest => "DropNewest",
            Self::Coalesce(_) => "Coalesce(..)",
        })
    }
}

impl<T> fmt::Debug for Key<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").finish_non_exhaustive()
    }
}
