//! Rooms: broadcasts that are encoded once, reach everybody in the same order, and wait for nobody.

mod all_rooms_watchers;
mod config;
mod delivered;
mod event_queue;
mod events;
mod history;
mod idle_rooms;
mod key_index;
mod live_room;
mod member_key;
mod membership;
mod message_log;
mod notifications;
mod outgoing;
mod overflow;
mod position;
mod presence_grouping;
mod registry;
mod remembered;
mod room;
mod room_map;
#[expect(clippy::module_inception, reason = "a file has the name of its type")]
mod rooms;
mod watch;
mod watch_all;

pub use self::{
    config::{RoomConfig, Seats},
    delivered::Delivered,
    events::{Member, MemberId, RoomEvent, RoomsEvent},
    history::{History, Resumed},
    member_key::MemberKey,
    membership::Membership,
    outgoing::Outgoing,
    overflow::{Key, Overflow},
    position::{NoPosition, Position},
    remembered::Remembered,
    room::Room,
    rooms::Rooms,
    watch::Watch,
    watch_all::WatchAll,
};
