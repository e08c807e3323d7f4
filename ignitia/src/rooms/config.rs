use super::{history::History, overflow::Overflow};
use crate::{close::CloseFrame, connection::OverflowAction};

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
    pub(super) fn overflow_action(&self, message: &T) -> OverflowAction {
        let limit = self.backlog;
        match &self.overflow {
            Overflow::Close => OverflowAction::Close { limit },
            Overflow::DropOldest => OverflowAction::DropOldest { limit },
            Overflow::DropNewest => OverflowAction::DropNewest { limit },
            Overflow::Coalesce(key) => OverflowAction::Coalesce { limit, key: key.of(message) },
        }
    }
}
