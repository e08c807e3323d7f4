//! Rooms: fan-out of messages that are encoded once, reach all members in the same order, and wait
//! for no member.

// A broadcast passes `Room` (room.rs), then the room's state (live_room/broadcast.rs), which
// hands the encoded frame to each member's connection. The registry (registry.rs) has all rooms of
// a `Rooms`, and decides how long an empty one is kept.
//
// Backpressure is decided per member, in the connection: `connection/state/delivery.rs` queues a
// broadcast or applies the room's `Overflow` policy, `connection/state/backlog.rs` holds the
// messages that wait for a slow member and writes the `$lagged` notices. A connection leaves its
// rooms through `connection/state/room_link.rs`.
//
// On an engine (remote/) a broadcast is handed on instead, and comes back through
// `live_room/receiving.rs`; `live_room/remote_presence.rs` has the members of other nodes.

mod all_rooms_watchers;
mod broadcast_frames;
mod broadcast_options;
#[cfg(feature = "redis")]
mod common_feed;
mod config;
mod delivered;
#[cfg(all(test, feature = "redis", feature = "testing"))]
mod engine_tests;
mod event_queue;
mod events;
mod extraction;
mod fetching;
mod history_config;
mod idle_rooms;
mod key_index;
mod live_room;
mod member;
mod member_key;
mod membership;
mod message_log;
mod notifications;
mod overflow;
mod position;
mod presence_grouping;
mod registry;
mod remembered;
mod remote;
mod removed_room;
mod resume;
mod room;
mod room_map;
mod room_message;
#[expect(clippy::module_inception, reason = "a file has the name of its type")]
mod rooms;
#[cfg(feature = "redis")]
mod rooms_on_engine;
mod shown_positions;
mod watch;
mod watch_all;

#[doc(hidden)]
pub use self::room_message::RoomMessage;
pub use self::{
    config::{RoomConfig, Seats},
    delivered::Delivered,
    events::{RoomEvent, RoomsEvent},
    history_config::{History, ResumeOutcome},
    member::{Member, MemberId},
    member_key::MemberKey,
    membership::Membership,
    overflow::{Key, Overflow},
    position::{ParsePositionError, Position},
    remembered::Remembered,
    resume::Resume,
    room::Room,
    rooms::Rooms,
    watch::RoomWatch,
    watch_all::WatchAll,
};
pub(crate) use self::{resume::reads_positions, shown_positions::set_positions_aside};
#[cfg(feature = "redis")]
pub use crate::engine::Outage;
