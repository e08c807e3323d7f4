//! Handle of one room, and the messages to it.

use std::{fmt, sync::Arc};

#[cfg(feature = "redis")]
use super::remote::resume;
use super::{
    broadcast_options::BroadcastOptions,
    config::RoomConfig,
    delivered::Delivered,
    live_room::{JoinRequest, LiveRoom},
    member::{Member, MemberId},
    member_key::MemberKey,
    position::Position,
    presence_grouping::PresenceGrouping,
    registry::{JoinOutcome, RoomRegistry},
    remembered::Remembered,
    remote::StoredPresence,
    resume::Resume,
    room_message::{EncodedMessage, RoomMessage},
    watch::RoomWatch,
};
use crate::{
    close::CloseFrame,
    connection::{ConnectionId, OverflowAction, Shared, check_close},
    error::{Error, Result},
};

/// Handle of a room, which need not exist.
///
/// Clones are cheap, and none of its methods waits for a member.
pub struct Room<T, P = ()> {
    pub(super) registry: Arc<RoomRegistry<P>>,
    pub(super) name: Arc<str>,
    pub(super) config: Arc<RoomConfig<T>>,
    /// State of the room when this handle was last used by a membership. It saves a look-up in the
    /// registry; if the room was removed since, a broadcast looks it up again.
    live_room: Option<Arc<LiveRoom<P>>>,
    /// True if messages are sent as they are on connections with compression, too.
    is_uncompressed: bool,
}

impl<T, P> Room<T, P>
where
    P: Send + Sync + 'static,
{
    pub(super) fn new(registry: Arc<RoomRegistry<P>>, name: Arc<str>, config: Arc<RoomConfig<T>>) -> Self {
        Self { registry, name, config, live_room: None, is_uncompressed: false }
    }

    /// Returns the same handle with the room's present state. One on an engine delivers nothing by
    /// itself.
    pub(super) fn with_live_room(&self, live_room: Arc<LiveRoom<P>>) -> Self {
        Self { live_room: self.registry.engine().is_none().then_some(live_room), ..self.clone() }
    }

    /// Returns the request of a connection that wants to join.
    pub(super) fn join_request(
        &self,
        connection: ConnectionId,
        key: Option<MemberKey>,
        presence: P,
        from: Resume,
    ) -> Result<JoinRequest<P>> {
        let stored = self.store(connection, || key.clone(), &presence)?;
        Ok(JoinRequest { presence: Arc::new(presence), key, stored, from, returning: None })
    }

    /// Encodes a presence for the other nodes, in rooms on an engine.
    pub(super) fn store(
        &self,
        connection: ConnectionId,
        key: impl FnOnce() -> Option<MemberKey>,
        presence: &P,
    ) -> Result<StoredPresence> {
        match self.registry.engine() {
            Some(engine) => engine.encode(connection, key().as_ref(), presence),
            None => Ok(StoredPresence::default()),
        }
    }

    pub(super) fn join(&self, connection: &Arc<Shared>, request: &JoinRequest<P>) -> Result<JoinOutcome<P>> {
        let outcome = self.registry.join(&self.name, connection, request, &self.config.settings())?;
        // Only a client that returns to a room on an engine has to wait.
        outcome.ok_or_else(Error::closed)
    }

    /// Joins after the messages that a client missed were read from the engine, if the room is on
    /// one.
    pub(super) async fn join_returning(
        &self,
        connection: &Arc<Shared>,
        request: JoinRequest<P>,
    ) -> Result<JoinOutcome<P>> {
        #[cfg(feature = "redis")]
        if self.registry.engine().is_some() && self.config.history.is_some() {
            return resume(&self.registry, &self.name, connection, request, &self.config.settings()).await;
        }
        self.join(connection, &request)
    }

    /// Returns the name of the room.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns a handle of the same room whose messages are sent as they are, also to members whose
    /// connection has compression: for secrets, and for content that is compressed already.
    ///
    /// A variant that is never to be compressed has `#[message(uncompressed)]`: see
    /// [`ServerMessage`](crate::ServerMessage).
    #[must_use]
    pub fn uncompressed(&self) -> Self {
        Self { is_uncompressed: true, ..self.clone() }
    }

    /// Sends a message to all members of the room. The message is encoded once, and compressed once
    /// for all members whose connections agreed on compression with the same window. The call waits
    /// for no member: [`RoomConfig::overflow`] says what is done for members that are too slow
    /// (backpressure).
    ///
    /// All members receive the broadcasts of a room in the same order.
    ///
    /// On an engine the message is handed on, see [`Delivered::handed_on`].
    ///
    /// # Errors
    ///
    /// [`Error::is_unavailable`](crate::Error::is_unavailable) if the engine is away, or has too
    /// much to do, by [`RoomConfig`]'s `outage`. [`Error::is_json`](crate::Error::is_json) if the
    /// message cannot be serialized to JSON,
    /// [`Error::is_invalid_input`](crate::Error::is_invalid_input) if it is not a JSON object and
    /// the room has a history, or is neither text nor binary. No member receives anything in that
    /// case.
    pub fn broadcast(&self, message: &T) -> Result<Delivered>
    where
        T: RoomMessage,
    {
        self.send(None, message, !message.is_transient())
    }

    /// Sends a message to all members without adding it to the room's history: for news that counts
    /// only for the moment, such as that a user is typing. It has no `$at`, and need not be a JSON
    /// object.
    ///
    /// A variant that is never worth keeping has `#[message(transient)]`, and is sent with
    /// [`broadcast`](Self::broadcast).
    ///
    /// # Errors
    ///
    /// As [`broadcast`](Self::broadcast).
    pub fn broadcast_transient(&self, message: &T) -> Result<Delivered>
    where
        T: RoomMessage,
    {
        self.send(None, message, false)
    }

    /// Sends a message to all members except one.
    ///
    /// A room with a history remembers it: every client that resumes receives it, including the
    /// excepted member.
    ///
    /// # Errors
    ///
    /// As [`broadcast`](Self::broadcast).
    pub fn broadcast_except(&self, member: MemberId, message: &T) -> Result<Delivered>
    where
        T: RoomMessage,
    {
        self.send(Some(member), message, !message.is_transient())
    }

    /// Sends a message to all members except one, without adding it to the history: see
    /// [`broadcast_transient`](Self::broadcast_transient).
    ///
    /// # Errors
    ///
    /// As [`broadcast`](Self::broadcast).
    pub fn broadcast_transient_except(&self, member: MemberId, message: &T) -> Result<Delivered>
    where
        T: RoomMessage,
    {
        self.send(Some(member), message, false)
    }

    fn send(&self, except: Option<MemberId>, message: &T, remembered: bool) -> Result<Delivered>
    where
        T: RoomMessage,
    {
        let (encoded, options) = self.encode(except, message, remembered)?;
        if let Some(outcome) = self.deliver_to_known(&encoded, options) {
            return outcome.map(|(delivered, _)| delivered);
        }
        if let Some(engine) = self.registry.engine() {
            return engine.broadcast(&self.name, encoded, options, &self.config.settings());
        }
        let outcome = self.deliver_to_found(&encoded, options)?;
        Ok(outcome.map(|(delivered, _)| delivered).unwrap_or_default())
    }

    pub(super) fn encode(
        &self,
        except: Option<MemberId>,
        message: &T,
        is_remembered: bool,
    ) -> Result<(EncodedMessage, BroadcastOptions)>
    where
        T: RoomMessage,
    {
        let encoded = EncodedMessage::of(message, self.is_uncompressed)?;
        if self.config.history.is_some() && is_remembered && !T::IS_JSON {
            encoded.check_object()?;
        }
        let overflow = self.overflow_action(message);
        Ok((encoded, BroadcastOptions { overflow, except, is_remembered }))
    }

    /// Delivers a message to the room whose state this handle has; `None` if it has none, or the
    /// room was removed.
    pub(super) fn deliver_to_known(
        &self,
        encoded: &EncodedMessage,
        options: BroadcastOptions,
    ) -> Option<Result<(Delivered, Option<Position>)>> {
        let live_room = self.live_room.as_ref()?;
        let delivered = live_room.broadcast(encoded, options)?;
        // The history of an empty room has grown, so the registry has to count its bytes again.
        if options.is_remembered && self.config.history.is_some() && live_room.len() == 0 {
            self.registry.update_retention(live_room);
        }
        Some(delivered)
    }

    /// Delivers a message to the room as the registry has it. Returns `None` if it has none, and
    /// the message is not for a history.
    pub(super) fn deliver_to_found(
        &self,
        encoded: &EncodedMessage,
        options: BroadcastOptions,
    ) -> Result<Option<(Delivered, Option<Position>)>> {
        let is_for_history = options.is_remembered && self.config.history.is_some();
        loop {
            let live_room = if is_for_history {
                self.registry.open(&self.name, &self.config.settings())
            } else if let Some(live_room) = self.registry.find(&self.name) {
                live_room
            } else {
                return Ok(None);
            };
            // The room may have been removed meanwhile.
            if let Some(delivered) = live_room.broadcast(encoded, options) {
                if is_for_history {
                    self.registry.update_retention(&live_room);
                }
                return delivered.map(Some);
            }
        }
    }

    /// Sends a message to one member; the history does not keep it.
    ///
    /// # Errors
    ///
    /// As [`broadcast`](Self::broadcast).
    pub fn send_to(&self, member: MemberId, message: &T) -> Result<Delivered>
    where
        T: RoomMessage,
    {
        let encoded = EncodedMessage::of(message, self.is_uncompressed)?;
        let overflow = self.overflow_action(message);
        if let Some(engine) = self.registry.engine() {
            let options = BroadcastOptions { overflow, except: None, is_remembered: false };
            return engine.send_to(&self.name, member, encoded, options, &self.config.settings());
        }
        Ok(self.find().map(|live_room| live_room.send_to(member, &encoded, overflow)).unwrap_or_default())
    }

    /// Closes a member's connection with this frame, after the messages that are queued for it and
    /// after the message that its handler is processing; further input of its peer is discarded.
    /// The connection leaves all its rooms at once, including this one. Returns `false` if there is
    /// no such member; on an engine `true`, because that is not known yet.
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_input`](crate::Error::is_invalid_input) for a close code that must not
    /// be sent.
    pub fn close(&self, member: MemberId, frame: CloseFrame) -> Result<bool> {
        check_close(&frame)?;
        if let Some(engine) = self.registry.engine() {
            engine.close(&self.name, member, frame, &self.config.settings())?;
            return Ok(true);
        }
        Ok(self.find().is_some_and(|live_room| live_room.close(member, frame)))
    }

    /// Returns the members of the room in the order in which they joined. A connection that has
    /// joined twice is listed twice. On an engine they are those of all nodes that this node has
    /// heard of, by their number: see [`fetch_members`](Self::fetch_members).
    pub fn members(&self) -> Vec<Member<P>> {
        self.find().map(|live_room| live_room.members(PresenceGrouping::Memberships)).unwrap_or_default()
    }

    /// Returns the members of the room by key: each [key](MemberKey) once, as the oldest of its
    /// memberships, in the order of those. Members without a key are listed one by one.
    pub fn present(&self) -> Vec<Member<P>> {
        self.find().map(|live_room| live_room.members(PresenceGrouping::Keys)).unwrap_or_default()
    }

    /// Returns the number of memberships.
    pub fn len(&self) -> usize {
        self.find().map_or(0, |live_room| live_room.total())
    }

    /// Returns true if the room has no members.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Watches the room's memberships: those that exist now, and all changes from now on. The room
    /// need not exist.
    pub fn watch(&self) -> RoomWatch<P> {
        self.registry.watch(&self.name, &self.config.settings(), PresenceGrouping::Memberships)
    }

    /// Watches the room's members by key, as [`present`](Self::present) lists them: a key has
    /// [joined](super::RoomEvent::Joined) with its first membership, [left](super::RoomEvent::Left)
    /// with its last, and [changed](super::RoomEvent::Changed) when the presence of its oldest
    /// membership changes, or another membership becomes the oldest.
    pub fn watch_present(&self) -> RoomWatch<P> {
        self.registry.watch(&self.name, &self.config.settings(), PresenceGrouping::Keys)
    }

    /// Returns the last `messages` remembered messages before a position, or the newest ones
    /// without a position; the oldest comes first. It is meant for clients that scroll back: they
    /// show the position of the oldest message that they have.
    ///
    /// There are never more than the room's [`History`](super::History) holds, and none if the room
    /// has no history. Nor are there any before a position of an earlier life of the room. On an
    /// engine they are those that this node has heard: see [`fetch_history`](Self::fetch_history).
    pub fn history(&self, before: Option<Position>, messages: usize) -> Vec<Remembered> {
        self.find().map(|live_room| live_room.history(before, messages)).unwrap_or_default()
    }

    /// Returns the position of the newest message of the room's history, if the room has one and
    /// exists. On an engine it is that of the newest message that this node has heard.
    pub fn position(&self) -> Option<Position> {
        self.find()?.position()
    }

    fn overflow_action(&self, message: &T) -> OverflowAction {
        self.config.overflow_action(message, || self.registry.hash_seed())
    }

    fn find(&self) -> Option<Arc<LiveRoom<P>>> {
        self.registry.find(&self.name)
    }
}

impl<T, P> Clone for Room<T, P> {
    fn clone(&self) -> Self {
        let Self { registry, name, config, live_room, is_uncompressed } = self;
        Self {
            registry: registry.clone(),
            name: name.clone(),
            config: config.clone(),
            live_room: live_room.clone(),
            is_uncompressed: *is_uncompressed,
        }
    }
}

impl<T, P> fmt::Debug for Room<T, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Room").field("name", &self.name).finish_non_exhaustive()
    }
}
