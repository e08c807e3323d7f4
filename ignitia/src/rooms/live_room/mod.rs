//! State of a room that exists, because it has members, watchers or a history: its members, and the
//! delivery of messages to them.

mod broadcast;
mod joining;
mod leaving;
#[expect(clippy::module_inception, reason = "a file has the name of its type")]
mod live_room;
mod multicast;
mod occupants;
#[cfg(feature = "redis")]
mod receiving;
#[cfg(feature = "redis")]
mod remote_presence;
mod watchers;

#[cfg(feature = "redis")]
pub(super) use self::live_room::RoomState;
pub(super) use self::{
    joining::{EnterOutcome, JoinRequest, ReplacedMember},
    live_room::{LiveRoom, Retention, RoomIndexes, RoomObserver},
    multicast::{MulticastTarget, multicast},
};
