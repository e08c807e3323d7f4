//! Configuration of a room.

use super::{
    history_config::History,
    overflow::{Key, Overflow},
};
#[cfg(feature = "redis")]
use crate::engine::Outage;
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
    /// Policy for broadcasts while the engine is away, for rooms on one. Default
    /// [`Outage::default`].
    #[cfg(feature = "redis")]
    pub outage: Outage,
}

setters!(RoomConfig<T> {
    overflow: Overflow<T>,
    backlog: usize,
    history: Option<History>,
    seats: Seats,
});

#[cfg(feature = "redis")]
setters!(RoomConfig<T> { outage: Outage });

impl<T> Default for RoomConfig<T> {
    fn default() -> Self {
        Self {
            overflow: Overflow::Close,
            backlog: 256,
            history: None,
            seats: Seats::Any,
            #[cfg(feature = "redis")]
            outage: Outage::default(),
        }
    }
}

impl<T> Clone for RoomConfig<T> {
    fn clone(&self) -> Self {
        Self {
            overflow: self.overflow.clone(),
            backlog: self.backlog,
            history: self.history,
            seats: self.seats.clone(),
            #[cfg(feature = "redis")]
            outage: self.outage,
        }
    }
}

/// Configuration of a room, without the type of its messages.
#[derive(Debug, Clone, Copy)]
pub(super) struct RoomSettings<'a> {
    pub(super) history: Option<History>,
    pub(super) seats: &'a Seats,
    /// Policy for a message, whose key is to be filled in.
    #[cfg(feature = "redis")]
    pub(super) overflow: OverflowAction,
    #[cfg(feature = "redis")]
    pub(super) outage: Outage,
}

impl<T> RoomConfig<T> {
    /// Returns the policy for this message: [`Overflow`] with the message's key, which is hashed
    /// with a `seed`.
    pub(super) fn overflow_action(&self, message: &T, seed: impl FnOnce() -> u64) -> OverflowAction {
        self.overflow_with(|key| key.of(message, seed()))
    }

    fn overflow_with(&self, hash: impl FnOnce(&Key<T>) -> u64) -> OverflowAction {
        let limit = self.backlog;
        match &self.overflow {
            Overflow::Close => OverflowAction::Close { limit },
            Overflow::DropOldest => OverflowAction::DropOldest { limit },
            Overflow::DropNewest => OverflowAction::DropNewest { limit },
            Overflow::Coalesce(key) => OverflowAction::Coalesce { limit, key: hash(key) },
        }
    }

    /// Returns what a room has to know that does not know its messages.
    pub(super) fn settings(&self) -> RoomSettings<'_> {
        RoomSettings {
            history: self.history,
            seats: &self.seats,
            #[cfg(feature = "redis")]
            overflow: self.overflow_with(|_| 0),
            #[cfg(feature = "redis")]
            outage: self.outage,
        }
    }
}
