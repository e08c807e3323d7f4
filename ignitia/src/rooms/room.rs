use std::{fmt, sync::Arc};

#[cfg(doc)]
use super::member_key::MemberKey;
use super::{
    config::RoomConfig,
    delivered::Delivered,
    events::{Member, MemberId},
    live_room::{BroadcastOptions, JoinRequest, LiveRoom},
    outgoing::Outgoing,
    position::Position,
    presence_grouping::PresenceGrouping,
    registry::{JoinOutcome, RoomRegistry},
    remembered::Remembered,
    watch::Watch,
};
use crate::{
    close::CloseFrame,
    connection::{Shared, check_close},
    error::Result,
};

/// A room by its name, whether anybody is in it or not.
///
/// It is a handle: clones are cheap, and none of its methods waits for a member.
pub struct Room<T, P = ()> {
    registry: Arc<RoomRegistry<P>>,
    name: Arc<str>,
    config: Arc<RoomConfig<T>>,
    /// Where the room was last.
    live_room: Option<Arc<LiveRoom<P>>>,
}

impl<T, P> Room<T, P>
where
    P: Send + Sync + 'static,
{
    pub(super) fn new(registry: Arc<RoomRegistry<P>>, name: Arc<str>, config: Arc<RoomConfig<T>>) -> Self {
        Self { registry, name, config, live_room: None }
    }

    /// The same, and where it is now.
    pub(super) fn with_live_room(&self, live_room: Arc<LiveRoom<P>>) -> Self {
        Self { live_room: Some(live_room), ..self.clone() }
    }

    pub(super) fn join(&self, connection: &Arc<Shared>, request: &JoinRequest<P>) -> Result<JoinOutcome<P>> {
        let RoomConfig { history, seats, .. } = &*self.config;
        self.registry.join(&self.name, connection, request, *history, seats)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Sends a message to everybody in the room. It is encoded once; it waits for nobody: what is done for members that
    /// are too slow says [`RoomConfig::overflow`].
    ///
    /// All members see the broadcasts of a room in the same order.
    ///
    /// # Errors
    ///
    /// [`Error::is_json`](crate::Error::is_json) if the message cannot be written as JSON,
    /// [`Error::is_invalid_input`](crate::Error::is_invalid_input) if it is no JSON object and the room has a history, or
    /// neither text nor binary. Nobody is sent anything then.
    pub fn broadcast(&self, message: &T) -> Result<Delivered>
    where
        T: Outgoing,
    {
        self.publish(None, message, !message.is_transient())
    }

    /// The same, and a room with a history does not remember it: for what counts only while it is new, as that somebody is typing.
    /// It has no `$at`, and need be no JSON object.
    ///
    /// A variant that never counts for longer has `#[message(transient)]`, and is broadcast like the others.
    ///
    /// # Errors
    ///
    /// As [`broadcast`](Self::broadcast).
    pub fn broadcast_transient(&self, message: &T) -> Result<Delivered>
    where
        T: Outgoing,
    {
        self.publish(None, message, false)
    }

    /// The same, to everybody but one.
    ///
    /// In a room with a history it is in the history: whoever comes back is sent it, the one who was left out too.
    ///
    /// # Errors
    ///
    /// As [`broadcast`](Self::broadcast).
    pub fn broadcast_except(&self, member: MemberId, message: &T) -> Result<Delivered>
    where
        T: Outgoing,
    {
        self.publish(Some(member), message, !message.is_transient())
    }

    /// The same, in no history: see [`broadcast_transient`](Self::broadcast_transient).
    ///
    /// # Errors
    ///
    /// As [`broadcast`](Self::broadcast).
    pub fn broadcast_transient_except(&self, member: MemberId, message: &T) -> Result<Delivered>
    where
        T: Outgoing,
    {
        self.publish(Some(member), message, false)
    }

    fn publish(&self, except: Option<MemberId>, message: &T, remembered: bool) -> Result<Delivered>
    where
        T: Outgoing,
    {
        let encoded = message.encode()?;
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
            // An empty room remembers more now.
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
            // It may have vanished in between.
            if let Some(delivered) = live_room.broadcast(&encoded, options) {
                if history.is_some() {
                    self.registry.update_retention(&live_room);
                }
                return delivered;
            }
        }
    }

    /// Sends a message to one member only; in no history.
    ///
    /// # Errors
    ///
    /// As [`broadcast`](Self::broadcast).
    pub fn send_to(&self, member: MemberId, message: &T) -> Result<Delivered>
    where
        T: Outgoing,
    {
        let frame = message.encode()?.frame();
        let overflow = self.config.overflow_action(message);
        Ok(self.find().map(|live_room| live_room.send_to(member, &frame, overflow)).unwrap_or_default())
    }

    /// Closes a member's connection with this frame, behind what is queued for it and behind the message that its handler is
    /// at; what its peer has sent besides is not handled. It leaves all its rooms at once, this one too. `false` if there is no
    /// such member.
    ///
    /// # Errors
    ///
    /// [`Error::is_invalid_input`](crate::Error::is_invalid_input) for a close code that must not be sent.
    pub fn close(&self, member: MemberId, frame: CloseFrame) -> Result<bool> {
        check_close(&frame)?;
        Ok(self.find().is_some_and(|live_room| live_room.close(member, frame)))
    }

    /// The members of the room, each connection by itself, in the order in which they came. A connection that has joined
    /// twice is there twice.
    pub fn members(&self) -> Vec<Member<P>> {
        self.find().map(|live_room| live_room.members(PresenceGrouping::Memberships)).unwrap_or_default()
    }

    /// The members of the room by key, each [key](MemberKey) once, in the order in which they came: by the oldest of its
    /// memberships. Members without a key stand for themselves.
    pub fn present(&self) -> Vec<Member<P>> {
        self.find().map(|live_room| live_room.members(PresenceGrouping::Keys)).unwrap_or_default()
    }

    /// How many are in the room.
    pub fn len(&self) -> usize {
        self.find().map_or(0, |live_room| live_room.len())
    }

    /// Whether nobody is in the room.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Watches who is in the room, and who comes and goes from now on: each membership. Nobody need be in it yet.
    pub fn watch(&self) -> Watch<P> {
        self.registry.watch(&self.name, self.config.history, PresenceGrouping::Memberships)
    }

    /// The same by key, as [`present`](Self::present) lists them: a key has [joined](super::RoomEvent::Joined) with its first
    /// membership, [left](super::RoomEvent::Left) with its last, and [changed](super::RoomEvent::Changed) when the oldest has
    /// another presence, or is another one.
    pub fn watch_present(&self) -> Watch<P> {
        self.registry.watch(&self.name, self.config.history, PresenceGrouping::Keys)
    }

    /// What the room remembers: the last `messages` before a position, the oldest first; without a position the newest. For
    /// clients that scroll back: they show the position of the oldest message that they have.
    ///
    /// It is never more than the room's [`History`](super::History) holds, and nothing if it has none; nor is there
    /// anything before a position in an earlier life of the room.
    pub fn history(&self, before: Option<Position>, messages: usize) -> Vec<Remembered> {
        self.find().map(|live_room| live_room.history(before, messages)).unwrap_or_default()
    }

    /// Where the room's history is, if it has one and has begun.
    pub fn position(&self) -> Option<Position> {
        self.find()?.position()
    }

    fn find(&self) -> Option<Arc<LiveRoom<P>>> {
        self.registry.find(&self.name)
    }
}

impl<T, P> Clone for Room<T, P> {
    fn clone(&self) -> Self {
        let Self { registry, name, config, live_room } = self;
        Self {
            registry: registry.clone(),
            name: name.clone(),
            config: config.clone(),
            live_room: live_room.clone(),
        }
    }
}

impl<T, P> fmt::Debug for Room<T, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Room").field("name", &self.name).finish_non_exhaustive()
    }
}
