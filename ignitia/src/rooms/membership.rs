//! Membership of one connection in one room.

use std::{fmt, ops::Deref, sync::Arc};

use super::{
    delivered::Delivered, history_config::ResumeOutcome, live_room::LiveRoom, member::MemberId,
    member_key::MemberKey, registry::JoinOutcome, resume::Resume, room::Room, room_message::RoomMessage,
};
use crate::{
    connection::{Shared, WebSocketConnection},
    error::Result,
};

/// Membership of a connection in a room. It begins with [`enter`](Self::enter), and ends when it is
/// dropped or when the connection ends, whichever is first.
///
/// It dereferences to the room: `membership.broadcast(..)`.
pub struct Membership<T, P = ()>
where
    P: Send + Sync + 'static,
{
    room: Room<T, P>,
    active: Option<ActiveMembership<P>>,
}

/// Membership that was entered and not left.
struct ActiveMembership<P> {
    id: MemberId,
    live_room: Arc<LiveRoom<P>>,
    connection: Arc<Shared>,
}

impl<T, P> Membership<T, P>
where
    P: Send + Sync + 'static,
{
    pub(super) fn new(room: Room<T, P>) -> Self {
        Self { room, active: None }
    }

    /// Adds a connection to the room. If this membership has another connection, that one leaves
    /// first.
    ///
    /// # Errors
    ///
    /// [`Error::is_closed`](crate::Error::is_closed) if the connection has ended or is closing.
    pub fn enter(&mut self, ws: &WebSocketConnection) -> Result<MemberId>
    where
        P: Default,
    {
        self.enter_as(ws, P::default())
    }

    /// Adds a connection to the room, with the application's data about the member.
    ///
    /// # Errors
    ///
    /// As [`enter`](Self::enter).
    pub fn enter_as(&mut self, ws: &WebSocketConnection, presence: P) -> Result<MemberId> {
        self.enter_inner(ws, None, presence)
    }

    /// Adds a connection to the room, with a key: the member's identity in the application, the
    /// same on all its connections. [`RoomConfig::seats`](super::RoomConfig::seats) says how many
    /// members with one key the room may have.
    ///
    /// # Errors
    ///
    /// As [`enter`](Self::enter), and [`Error::is_taken`](crate::Error::is_taken) if another member
    /// has the key's only seat and is not to be replaced.
    pub fn enter_keyed(
        &mut self,
        ws: &WebSocketConnection,
        key: impl Into<MemberKey>,
        presence: P,
    ) -> Result<MemberId> {
        self.enter_inner(ws, Some(key.into()), presence)
    }

    /// Adds the connection of a client that returns, and has seen the room's history up to a
    /// position: that of a [`Resume`], or one that the application's own protocol has shown. The
    /// messages that it missed are sent first, then everything from now on, without a gap and
    /// without duplicates.
    ///
    /// In memory it waits for nothing. On an engine it waits until that has told where the room is,
    /// and reads what this node has not heard: one client reads for all.
    ///
    /// # Errors
    ///
    /// As [`enter`](Self::enter), and [`Error::is_unavailable`](crate::Error::is_unavailable) if
    /// the engine does not answer in its time. The position is not used then: the client may try
    /// again.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: the connection has either entered, or it is no member. A membership that was
    /// entered before has ended.
    pub async fn resume(
        &mut self,
        ws: &WebSocketConnection,
        presence: P,
        from: impl Into<Resume>,
    ) -> Result<ResumeOutcome> {
        self.resume_inner(ws, None, presence, from.into()).await
    }

    /// As [`resume`](Self::resume), with a key: see [`enter_keyed`](Self::enter_keyed).
    ///
    /// # Errors
    ///
    /// As [`enter_keyed`](Self::enter_keyed).
    ///
    /// # Cancel safety
    ///
    /// As [`resume`](Self::resume).
    pub async fn resume_keyed(
        &mut self,
        ws: &WebSocketConnection,
        key: impl Into<MemberKey>,
        presence: P,
        from: impl Into<Resume>,
    ) -> Result<ResumeOutcome> {
        self.resume_inner(ws, Some(key.into()), presence, from.into()).await
    }

    fn enter_inner(
        &mut self,
        ws: &WebSocketConnection,
        key: Option<MemberKey>,
        presence: P,
    ) -> Result<MemberId> {
        self.leave();
        let connection = ws.shared().clone();
        let request = self.room.join_request(connection.id, key, presence, Resume::unannounced())?;
        let JoinOutcome { live_room, id, .. } = self.room.join(&connection, &request)?;
        self.activate(id, live_room, connection);
        Ok(id)
    }

    async fn resume_inner(
        &mut self,
        ws: &WebSocketConnection,
        key: Option<MemberKey>,
        presence: P,
        from: Resume,
    ) -> Result<ResumeOutcome> {
        self.leave();
        let connection = ws.shared().clone();
        let request = self.room.join_request(connection.id, key, presence, from)?;
        let JoinOutcome { live_room, id, resumed } = self.room.join_returning(&connection, request).await?;
        self.activate(id, live_room, connection);
        Ok(resumed)
    }

    fn activate(&mut self, id: MemberId, live_room: Arc<LiveRoom<P>>, connection: Arc<Shared>) {
        self.room = self.room.with_live_room(live_room.clone());
        self.active = Some(ActiveMembership { id, live_room, connection });
    }

    /// Leaves the room, as dropping does.
    pub fn leave(&mut self) {
        if let Some(ActiveMembership { id, live_room, connection }) = self.active.take() {
            live_room.end_membership(id, &connection);
        }
    }

    /// Returns the membership's number: `None` before it is entered and after it is
    /// [left](Self::leave). If the connection has ended, the membership has ended too, but its
    /// number is still known, so that a session's `on_close` can say who it was.
    pub fn id(&self) -> Option<MemberId> {
        self.active.as_ref().map(|active| active.id)
    }

    /// Sends a message to all members of the room except this one.
    ///
    /// # Errors
    ///
    /// As [`Room::broadcast`].
    pub fn broadcast_to_others(&self, message: &T) -> Result<Delivered>
    where
        T: RoomMessage,
    {
        match self.id() {
            Some(id) => self.room.broadcast_except(id, message),
            None => self.room.broadcast(message),
        }
    }

    /// Sends a message to all other members, without adding it to the history: see
    /// [`Room::broadcast_transient`].
    ///
    /// # Errors
    ///
    /// As [`Room::broadcast`].
    pub fn broadcast_transient_to_others(&self, message: &T) -> Result<Delivered>
    where
        T: RoomMessage,
    {
        match self.id() {
            Some(id) => self.room.broadcast_transient_except(id, message),
            None => self.room.broadcast_transient(message),
        }
    }

    /// Changes the application's data about this member.
    ///
    /// In rooms on an engine, data that cannot be serialized changes nothing; the log has the
    /// error.
    pub fn set_presence(&self, presence: P) {
        let Some(ActiveMembership { id, live_room, connection }) = &self.active else { return };
        match self.room.store(connection.id, || live_room.key_of(*id), &presence) {
            Ok(stored) => live_room.set_presence(*id, Arc::new(presence), stored),
            Err(error) => tracing::error!(%error, "the presence of a member cannot be serialized"),
        }
    }
}

impl<T, P> Deref for Membership<T, P>
where
    P: Send + Sync + 'static,
{
    type Target = Room<T, P>;

    fn deref(&self) -> &Room<T, P> {
        &self.room
    }
}

impl<T, P> Drop for Membership<T, P>
where
    P: Send + Sync + 'static,
{
    fn drop(&mut self) {
        self.leave();
    }
}

impl<T, P> fmt::Debug for Membership<T, P>
where
    P: Send + Sync + 'static,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Membership").field("room", &self.room).field("id", &self.id()).finish()
    }
}
