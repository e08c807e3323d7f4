//! Configuration of a room.

use super::{history_config::History, overflow::Overflow};
use crate::{close::CloseFrame, connection::OverflowAction};

/// Number of members with one [key](super::MemberKey) that a room may have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Seats {
    /// Any number. The default.
    #[default]
    Any,
    /// One: a newcomer replaces the member before it, whose connection leaves all its rooms at once
    /// and is closed with this frame, after the messages that are queued for it. So a half-open
    /// connection is gone as soon as its user is back. If both memberships are of one connection,
    /// it is not closed.
    Replace(CloseFrame),
    /// One: a newcomer is refused while another member has the key, also one of the same
    /// connection, with an error ([`is_taken`](crate::Error::is_taken)) and before anything is
    /// sent. A connection that is closing does not count any more; a half-open one counts until its
    /// keepalive notices.
    Refuse,
}

/// Configuration of a room.
#[derive(Debug)]
#[non_exhaustive]
pub struct RoomConfig<T> {
    /// Policy for members that are too slow (backpressure). Default [`Overflow::Close`].
    pub overflow: Overflow<T>,
    /// Maximum number of messages that wait for a slow member besides its outbox, if the policy
    /// keeps any, and at least one in that case. The bytes that wait for a connection, in all its
    /// rooms together, are limited by `outbox_bytes`. Default 256.
    pub backlog: usize,
    /// Messages that the room remembers for clients that return: all broadcasts except transient
    /// ones, see [`ServerMessage`](crate::ServerMessage). Default `None`.
    pub history: Option<History>,
    /// Number of members with one key. Default [`Seats::Any`].
    pub seats: Seats,
}

setters!(RoomConfig<T> {
    overflow: Overflow<T>,
    backlog: usize,
    history: Option<History>,
    seats: Seats,
});

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
    /// Returns the policy for this message: [`Overflow`] with the message's key.
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
