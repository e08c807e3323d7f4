//! Backpressure policy of a room. The connection of each member applies it, in
//! `connection/state/delivery.rs` and `connection/state/backlog.rs`.

use std::{fmt, hash::Hash, sync::Arc};

/// Policy of a room for members that do not read fast enough. It never delays the other members,
/// and a member never misses messages without notice.
///
/// Messages that do not fit in the member's outbox wait, up to
/// [`outbox_burst`](crate::websocket::WebSocketConfig::outbox_burst). A member is slow when
/// messages have waited for [`lag_after`](crate::websocket::WebSocketConfig::lag_after) because its
/// peer reads nothing or too little. A loop of broadcasts without an await does no harm to members
/// that read: it may have 16,384 messages, or 16 MiB of them, by default. A task that broadcasts
/// more at once should yield in between, for instance with `tokio::task::yield_now`.
pub enum Overflow<T> {
    /// Closes its connection: code 1013, reason `lagged`. The default: the client comes back, and
    /// starts from a known state.
    Close,
    /// Keeps the newest messages, as many as [`RoomConfig::backlog`](super::RoomConfig::backlog).
    /// The peer is told how many it missed: `{"type":"$lagged","room":"lobby","missed":3}`.
    DropOldest,
    /// Drops the messages that are sent while it is slow. The peer is told how many it missed, as
    /// above.
    DropNewest,
    /// Keeps the newest message of each key, for values of which only the last counts, such as
    /// positions. If there are more than [`RoomConfig::backlog`](super::RoomConfig::backlog) keys,
    /// the oldest are dropped, and the peer is told, as above.
    Coalesce(Key<T>),
}

/// Function that returns the key of a message: see [`Overflow::Coalesce`].
pub struct Key<T>(pub(super) Arc<dyn Fn(&T) -> u64 + Send + Sync>);

impl<T> Key<T> {
    pub(super) fn of(&self, message: &T) -> u64 {
        (self.0)(message)
    }
}

impl<T> Overflow<T> {
    /// Returns [`Overflow::Coalesce`] with a key of any type that can be hashed.
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
