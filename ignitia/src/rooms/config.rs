use std::{fmt, hash::Hash, sync::Arc};

use super::history::History;
use crate::{close::CloseFrame, connection::OverflowAction};

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
    /// Keeps the newest messages, as many as [`RoomConfig::backlog`]. The peer is told how many it missed:
    /// `{"type":"$lagged","room":"lobby","missed":3}`.
    DropOldest,
    /// Gives up the messages that find it slow. The peer is told how many it missed, as above.
    DropNewest,
    /// Keeps the newest message of each key, for values of which only the last counts, like positions. Of more than
    /// [`RoomConfig::backlog`] keys the oldest are given up, and the peer is told, as above.
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

/// How many members with one [key](super::MemberKey) a room may have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Seats {
    /// As many as come. The default.
    #[default]
    Any,
    /// One: whoever comes takes the place of the one before, whose connection leaves all its rooms at once, and is closed with
    /// this frame behind what is queued for it. So what is left of a connection that broke without a word goes as soon as its
    /// user is back. If it is the same connection it is not closed.
    Replace(CloseFrame),
    /// One: whoever comes while another is there is refused with an error,
    /// [`is_taken`](crate::Error::is_taken), before anything is sent; the same connection, too. A connection that is closing is
    /// not there any more; one that broke without a word is, until its keepalive notices.
    Refuse,
}

/// The rules of a room.
#[derive(Debug)]
pub struct RoomConfig<T> {
    /// What is done for members that are too slow. Default [`Overflow::Close`].
    pub overflow: Overflow<T>,
    /// Messages that wait for a slow member beside its outbox, where the policy keeps any, and then at least one; in bytes, what waits for a connection in all its rooms together is bounded by `outbox_bytes`. Default 256.
    pub backlog: usize,
    /// What the room remembers for those who come back: all that is broadcast but what is
    /// transient: see [`ServerMessage`](crate::ServerMessage). Default: nothing.
    pub history: Option<History>,
    /// How many members with one key it may have. Default [`Seats::Any`].
    pub seats: Seats,
}

impl<T> Default for RoomConfig<T> {
    fn default() -> Self {
        Self { overflow: Overflow::Close, backlog: 256, history: None, seats: Seats::Any }
    }
}

impl<T> Clone for RoomConfig<T> {
    fn clone(&self) -> Self {
        let Self { overflow, backlog, history, seats } = self;
        Self { overflow: overflow.clone(), backlog: *backlog, history: *history, seats: seats.clone() }
    }
}

impl<T> RoomConfig<T> {
    /// What is done for a member that is too slow for this message.
    pub(super) fn full(&self, message: &T) -> OverflowAction {
        let limit = self.backlog;
        match &self.overflow {
            Overflow::Close => OverflowAction::Close { limit },
            Overflow::DropOldest => OverflowAction::DropOldest { limit },
            Overflow::DropNewest => OverflowAction::DropNewest { limit },
            Overflow::Coalesce(key) => OverflowAction::Coalesce { limit, key: key.of(message) },
        }
    }
}
