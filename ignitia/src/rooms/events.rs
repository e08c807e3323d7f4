//! Members of rooms, and the events of watches.

use std::{fmt, sync::Arc};

use super::member_key::MemberKey;
use crate::connection::ConnectionId;

/// Number of a membership, unique within its [`Rooms`](super::Rooms).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MemberId(pub(super) u64);

impl MemberId {
    /// Returns the number.
    pub fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for MemberId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Member of a room.
#[derive(Debug)]
pub struct Member<P> {
    /// Number of the membership.
    pub id: MemberId,
    /// Number of the connection.
    pub connection: ConnectionId,
    /// Key, if it joined with one.
    pub key: Option<MemberKey>,
    /// The application's data about the member.
    pub presence: Arc<P>,
}

impl<P> Clone for Member<P> {
    fn clone(&self) -> Self {
        let Self { id, connection, key, presence } = self;
        Self { id: *id, connection: *connection, key: key.clone(), presence: presence.clone() }
    }
}

/// Change among the members of a room or, in a watch by key, among its keys.
#[derive(Debug)]
#[non_exhaustive]
pub enum RoomEvent<P> {
    /// A member joined.
    Joined(Member<P>),
    /// A member left, or its connection was lost.
    Left(Member<P>),
    /// The application's data about a member has changed.
    Changed(Member<P>),
    /// The watcher was too slow, and this many events were dropped:
    /// [`Room::members`](crate::rooms::Room::members) returns the present members.
    Missed(u64),
}

impl<P> Clone for RoomEvent<P> {
    fn clone(&self) -> Self {
        match self {
            Self::Joined(member) => Self::Joined(member.clone()),
            Self::Left(member) => Self::Left(member.clone()),
            Self::Changed(member) => Self::Changed(member.clone()),
            Self::Missed(events) => Self::Missed(*events),
        }
    }
}

/// Change among the members of all rooms.
#[derive(Debug)]
#[non_exhaustive]
pub enum RoomsEvent<P> {
    /// Event in the room of this name.
    In(Arc<str>, RoomEvent<P>),
    /// The watcher was too slow, and this many events of any rooms were dropped.
    Missed(u64),
}

impl<P> Clone for RoomsEvent<P> {
    fn clone(&self) -> Self {
        match self {
            Self::In(room, event) => Self::In(room.clone(), event.clone()),
            Self::Missed(events) => Self::Missed(*events),
        }
    }
}
