//! Rooms on an engine.
//!
//! Such a room delivers nothing by itself. A broadcast becomes an [`Item`](crate::engine::Item)
//! that is published; the engine gives it its place, and every node, the sender's too, hears it and
//! delivers it to its members. So all nodes see one order.

mod engine_room;
mod engine_rooms;
mod link;
mod message_codec;
mod presence_codec;
mod remote_members;
mod resuming;
mod returning;

pub(in crate::rooms) use self::{
    engine_room::{EngineRoom, EngineRoomState, node_of},
    engine_rooms::EngineRooms,
    link::EngineLink,
    message_codec::{decode_message, position_of},
    presence_codec::{PresenceCodec, StoredPresence},
    remote_members::{RemoteMember, RemoteMembers},
    resuming::resume,
    returning::Returning,
};
