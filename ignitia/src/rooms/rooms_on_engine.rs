use std::sync::Arc;

use serde::{Serialize, de::DeserializeOwned};

use super::{
    registry::RoomRegistry,
    remote::{EngineLink, PresenceCodec},
    rooms::Rooms,
};
use crate::{engine::RedisEngine, error::Result};

impl<T, P> Rooms<T, P>
where
    P: Send + Sync + 'static,
{
    /// Puts rooms of this configuration on an engine: their members may be connected to any process
    /// of the application. All processes give them the same name, which other rooms on the engine
    /// do not have, and the same configuration.
    ///
    /// It makes new rooms; those in memory have none of their members.
    ///
    /// Everything else stays as it is, but for this:
    ///
    /// - A broadcast hands the message to the engine's queue, and returns
    ///   [`Delivered::handed_on`](super::Delivered::handed_on). Members are sent it once the engine
    ///   has given it its place in the order of the room, also those here.
    ///   [`Room::publish`](super::Room::publish) waits for that.
    /// - What is sent while the engine is away waits, or is an error that
    ///   [`is_unavailable`](crate::Error::is_unavailable): see
    ///   [`RoomConfig::outage`](super::RoomConfig::outage).
    /// - Members of other nodes are listed and watched where this node has a member in the room, or
    ///   watches it. [`Room::fetch_members`](super::Room::fetch_members) asks the engine.
    ///   [`names`](Self::names), [`len`](Self::len) and [`watch_all`](Self::watch_all) know the
    ///   rooms of this node.
    /// - Lists are in the order of the members' numbers, which are in the order of joins on one
    ///   node only.
    /// - [`Room::close`](super::Room::close) and [`close_key`](Self::close_key) are handed on, too:
    ///   they return `true`, and 0, whatever members there are. [`send_to_key`](Self::send_to_key)
    ///   follows the default of [`Outage`](super::Outage), and is not coalesced by key.
    /// - Messages that the engine has lost are told: to members by [`Overflow`](super::Overflow),
    ///   to watches by [`RoomEvent::MessagesMissed`](super::RoomEvent::MessagesMissed). A room
    ///   without a history misses what is sent while this node is cut off from the engine; a room
    ///   with one misses only what the engine has forgotten, and news that no history keeps, such
    ///   as those of [`send_to`](super::Room::send_to).
    /// - With [`Seats::Refuse`](super::Seats::Refuse), two nodes may take in one key at the same
    ///   time. The later one then leaves, and its connection is closed: code 1008, reason `taken`.
    /// - Each room has its order, but nothing orders the messages of two rooms. With
    ///   [`broadcast_to`](Self::broadcast_to), a connection that enters or leaves one of the rooms
    ///   at the same moment may be sent the message twice, or not at all.
    ///
    /// Presences travel as JSON. One that another version of the program cannot read is left out
    /// there.
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_input`](crate::Error::is_invalid_input) if other rooms on this engine
    /// have the name.
    pub fn on(self, engine: &RedisEngine, name: &str) -> Result<Self>
    where
        P: Serialize + DeserializeOwned,
    {
        Ok(self.on_link(Arc::new(engine.rooms_link(name)?)))
    }

    pub(super) fn on_link(self, link: Arc<dyn EngineLink>) -> Self
    where
        P: Serialize + DeserializeOwned,
    {
        Self { registry: RoomRegistry::on(link, PresenceCodec::new()), ..self }
    }
}
