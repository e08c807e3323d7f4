//! Events of watches.

use std::sync::Arc;

use super::member::Member;

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
    /// Messages of the room were missed on this node in an outage of the engine that its rooms are
    /// on: this many, or an unknown number. The members here are told, too: see
    /// [`Overflow`](super::Overflow). In memory no room misses any.
    MessagesMissed(Option<u64>),
}

impl<P> Clone for RoomEvent<P> {
    fn clone(&self) -> Self {
        match self {
            Self::Joined(member) => Self::Joined(member.clone()),
            Self::Left(member) => Self::Left(member.clone()),
            Self::Changed(member) => Self::Changed(member.clone()),
            Self::Missed(events) => Self::Missed(*events),
            Self::MessagesMissed(messages) => Self::MessagesMissed(*messages),
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
