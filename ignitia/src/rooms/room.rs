//! Handle of one room, and the messages to it.

use std::{fmt, sync::Arc};

#[cfg(doc)]
use super::member_key::MemberKey;
use super::{
    config::RoomConfig,
    delivered::Delivered,
    live_room::{BroadcastOptions, JoinRequest, LiveRoom},
    member::{Member, MemberId},
    position::Position,
    presence_grouping::PresenceGrouping,
    registry::{JoinOutcome, RoomRegistry},
    remembered::Remembered,
    room_message::{EncodedMessage, RoomMessage},
    watch::RoomWatch,
};
use crate::{
    close::CloseFrame,
    connection::{Shared, check_close},
    error::Result,
};

/// Handle of a room, which need not exist.
///
/// Clones are cheap, and none of its methods waits for a member.
pub struct Room<T, P = ()> {
    registry: Arc<RoomRegistry<P>>,
    name: Arc<str>,
    config: Arc<RoomConfig<T>>,
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

    /// Returns the same handle with the room's present state.
    pub(super) fn with_live_room(&self, live_room: Arc<LiveRoom<P>>) -> Self {
        Self { live_room: Some(live_room), ..self.clone() }
    }

    pub(super) fn join(&self, connection: &Arc<Shared>, request: &JoinRequest<P>) -> Result<JoinOutcome<P>> {
        let RoomConfig { history, seats, .. } = &*self.config;
        self.registry.join(&self.name, connection, request, *history, seats)
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
    /// # Errors
    ///
    /// [`Error::is_json`](crate::Error::is_json) if the message cannot be serialized to JSON,
    /// [`Error::is_invalid_input`](crate::Error::is_invalid_input) if it is not a JSON object and
    /// the room has a history, or is neither text nor binary. No member receives anything in that
    /// case.
    pub fn broadcast(&self, message: &T) -> Result<Delivered>
    where
        T: RoomMessage,
    {
        self.publish(None, message, !message.is_transient())
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
        self.publish(None, message, false)
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
        self.publish(Some(member), message, !message.is_transient())
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
        self.publish(Some(member), message, false)
    }

    fn publish(&self, except: Option<MemberId>, message: &T, remembered: bool) -> Result<Delivered>
    where
        T: RoomMessage,
    {
        let encoded = EncodedMessage::of(message, self.is_uncompressed)?;
        let history = self.config.history.filter(|_| remembered);
        if history.is_some() && !T::IS_JSON {
            encoded.check_object()?;
        }
        let options = BroadcastOptions {
            overflow: self.config.overflow_action(message),
            except,
            is_remembered: remembered,
        };
        if let Some(live_room) = &self.live_room
            && let Some(delivered) = live_room.broadcast(&encoded, options)
        {
            // The history of an empty room has grown, so the registry has to count its bytes again.
            if history.is_some() && live_room.len() == 0 {
                self.registry.update_retention(live_room);
            }
            return delivered;
        }
        loop {
            let live_room = match history {
                Some(history) => self.registry.open(&self.name, Some(history)),
                None => match self.registry.find(&self.name) {
                    Some(live_room) => live_room,
                    None => return Ok(Delivered::default()),
                },
            };
            // The room may have been removed meanwhile.
            if let Some(delivered) = live_room.broadcast(&encoded, options) {
                if history.is_some() {
                    self.registry.update_retention(&live_room);
                }
                return delivered;
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
        let overflow = self.config.overflow_action(message);
        Ok(self.find().map(|live_room| live_room.send_to(member, &encoded, overflow)).unwrap_or_default())
    }

    /// Closes a member's connection with this frame, after the messages that are queued for it and
    /// after the message that its handler is processing; further input of its peer is discarded.
    /// The connection leaves all its rooms at once, including this one. Returns `false` if there is
    /// no such member.
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_input`](crate::Error::is_invalid_input) for a close code that must not
    /// be sent.
    pub fn close(&self, member: MemberId, frame: CloseFrame) -> Result<bool> {
        check_close(&frame)?;
        Ok(self.find().is_some_and(|live_room| live_room.close(member, frame)))
    }

    /// Returns the members of the room in the order in which they joined. A connection that has
    /// joined twice is listed twice.
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
        self.find().map_or(0, |live_room| live_room.len())
    }

    /// Returns true if the room has no members.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Watches the room's memberships: those that exist now, and all changes from now on. The room
    /// need not exist.
    pub fn watch(&self) -> RoomWatch<P> {
        self.registry.watch(&self.name, self.config.history, PresenceGrouping::Memberships)
    }

    /// Watches the room's members by key, as [`present`](Self::present) lists them: a key has
    /// [joined](super::RoomEvent::Joined) with its first membership, [left](super::RoomEvent::Left)
    /// with its last, and [changed](super::RoomEvent::Changed) when the presence of its oldest
    /// membership changes, or another membership becomes the oldest.
    pub fn watch_present(&self) -> RoomWatch<P> {
        self.registry.watch(&self.name, self.config.history, PresenceGrouping::Keys)
    }

    /// Returns the last `messages` remembered messages before a position, or the newest ones
    /// without a position; the oldest comes first. It is meant for clients that scroll back: they
    /// show the position of the oldest message that they have.
    ///
    /// There are never more than the room's [`History`](super::History) holds, and none if the room
    /// has no history. Nor are there any before a position of an earlier life of the room.
    pub fn history(&self, before: Option<Position>, messages: usize) -> Vec<Remembered> {
        self.find().map(|live_room| live_room.history(before, messages)).unwrap_or_default()
    }

    /// Returns the position of the newest message of the room's history, if the room has one and
    /// exists.
    pub fn position(&self) -> Option<Position> {
        self.find()?.position()
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
