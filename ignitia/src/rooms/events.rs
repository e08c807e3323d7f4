use std::{fmt, sync::Arc};

use super::member_key::MemberKey;
use crate::connection::ConnectionId;

/// A membership's number, unique within its rooms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MemberId(pub(super) u64);

impl MemberId {
    /// The number itself.
    pub fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for MemberId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Somebody who is in a room.
#[derive(Debug)]
pub struct Member<P> {
    /// The membership.
    pub id: MemberId,
    /// The connection.
    pub connection: ConnectionId,
    /// Its key, if it came with one.
    pub key: Option<MemberKey>,
    /// What the application says about the member.
    pub presence: Arc<P>,
}

impl<P> Clone for Member<P> {
    fn clone(&self) -> Self {
        let Self { id, connection, key, presence } = self;
        Self { id: *id, connection: *connection, key: key.clone(), presence: presence.clone() }
    }
}

/// What happens to the members of a room, or, where presence is watched by key, to its keys.
#[derive(Debug)]
#[non_exhaustive]
pub enum RoomEvent<P> {
    /// Somebody came.
    Joined(Member<P>),
    /// Somebody left, or was lost.
    Left(Member<P>),
    /// What the application says about a member is different now.
    Changed(Member<P>),
    /// The watcher was too slow for this many events: [`Room::members`](crate::rooms::Room::members) tells who is there.
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

/// What happens to the members of all rooms.
#[derive(Debug)]
#[non_exhaustive]
pub enum RoomsEvent<P> {
    /// In the room of this name.
    In(Arc<str>, RoomEvent<P>),
    /// The watcher was too slow for this many events, in whichever rooms.
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
