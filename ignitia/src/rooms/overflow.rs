//! Backpressure policy of a room. The connection of each member applies it, in
//! `connection/state/delivery.rs` and `connection/state/backlog.rs`.

use std::{
    fmt,
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

/// Policy of a room for members that do not read fast enough. It never delays the other members,
/// and a member never misses messages without notice.
///
/// Messages that do not fit in the member's outbox wait, up to
/// [`outbox_burst`](crate::websocket::WebSocketConfig::outbox_burst). A member is slow when
/// messages have waited for [`lag_after`](crate::websocket::WebSocketConfig::lag_after) because its
/// peer reads nothing or too little. A loop of broadcasts without an await does no harm to members
/// that read: it may have 16,384 messages, or 16 MiB of them, by default. A task that broadcasts
/// more at once should yield in between, for instance with `tokio::task::yield_now`.
///
/// In rooms on an engine (feature `redis`) the policy also says what is done where the engine has
/// lost messages: with `Close` the members are closed as slow ones are, with the others they are
/// told in the place of the messages. The number is `null` then if it is not known.
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
    /// positions. On an engine, a message without a key of its own
    /// ([`Rooms::send_to_key`](super::Rooms::send_to_key)) waits as with `DropOldest`. If there are
    /// more than [`RoomConfig::backlog`](super::RoomConfig::backlog) keys, the oldest are dropped,
    /// and the peer is told, as above.
    Coalesce(Key<T>),
}

/// Function that returns the key of a message: see [`Overflow::Coalesce`].
pub struct Key<T>(Arc<HashKey<T>>);

/// Function that hashes the key of a message, after a secret number of the rooms.
type HashKey<T> = dyn Fn(&T, u64) -> u64 + Send + Sync;

impl<T> Key<T> {
    /// Returns the hash of a message's key. With another `seed` it is another one.
    pub(super) fn of(&self, message: &T, seed: u64) -> u64 {
        (self.0)(message, seed)
    }
}

impl<T> Overflow<T> {
    /// Returns [`Overflow::Coalesce`] with a key of any type that can be hashed.
    pub fn coalesce<K: Hash>(key: impl Fn(&T) -> K + Send + Sync + 'static) -> Self {
        Self::Coalesce(Key(Arc::new(move |message, seed| {
            let key = key(message);
            let mut hasher = DefaultHasher::new();
            hasher.write_u64(seed);
            key.hash(&mut hasher);
            hasher.finish()
        })))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_follows_from_the_key_and_the_seed() {
        let Overflow::Coalesce(key) = Overflow::coalesce(|text: &&str| text.len()) else { unreachable!() };
        assert_eq!(key.of(&"ab", 1), key.of(&"cd", 1));
        assert_ne!(key.of(&"ab", 1), key.of(&"abc", 1));
        assert_ne!(key.of(&"ab", 1), key.of(&"ab", 2));
    }
}
