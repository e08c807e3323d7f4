//! Rooms on an engine, beside those in memory: the members on other nodes, and what rooms tell the
//! engine. In memory there is none of it.

#[cfg(not(feature = "redis"))]
mod disabled;
#[cfg(feature = "redis")]
mod enabled;

#[cfg(not(feature = "redis"))]
pub(super) use self::disabled::{
    EngineRoom, EngineRoomState, EngineRooms, RemoteMembers, Returning, StoredPresence,
};
#[cfg(feature = "redis")]
pub(super) use self::enabled::{
    EngineLink, EngineRoom, EngineRoomState, EngineRooms, PresenceCodec, RemoteMember, RemoteMembers,
    Returning, StoredPresence, decode_message, node_of, position_of, resume,
};
