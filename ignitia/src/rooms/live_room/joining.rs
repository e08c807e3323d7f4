//! Joining of members.

use std::sync::Arc;

use super::{
    live_room::{LiveRoom, RoomState},
    occupants::Occupant,
};
use crate::{
    connection::{AfterUnlock, LeaveRoom, RoomLink, Shared, SharedFrame},
    error::{Error, Result},
    rooms::{
        config::Seats,
        history_config::ResumeOutcome,
        key_index::KeyHolder,
        member::MemberId,
        member_key::MemberKey,
        message_log::MessageLog,
        notifications::Notifications,
        remote::{Returning, StoredPresence},
        resume::{Resume, resume_notice},
    },
    time::Instant,
};

/// Connection that wants to join, without the connection itself.
pub(in crate::rooms) struct JoinRequest<P> {
    pub(in crate::rooms) presence: Arc<P>,
    pub(in crate::rooms) key: Option<MemberKey>,
    /// Encoded for the other nodes, in rooms on an engine.
    pub(in crate::rooms) stored: StoredPresence,
    /// Position up to which the client has seen the room's history.
    pub(in crate::rooms) from: Resume,
    /// Client's return to a room on an engine.
    pub(in crate::rooms) returning: Option<Returning>,
}

/// Outcome of a join. The caller handles everything but `resumed` once it holds no lock.
pub(in crate::rooms) struct EnterOutcome<P> {
    pub(in crate::rooms) resumed: ResumeOutcome,
    pub(in crate::rooms) after_unlock: AfterUnlock,
    pub(in crate::rooms) notifications: Notifications<P>,
    /// Members that the new one replaces.
    pub(in crate::rooms) replaced: Vec<ReplacedMember<P>>,
}

/// Member that was removed because another one with its key has joined.
pub(in crate::rooms) struct ReplacedMember<P> {
    pub(in crate::rooms) member: u64,
    pub(in crate::rooms) connection: Arc<Shared>,
    pub(in crate::rooms) presence: Arc<P>,
}

impl<P> LiveRoom<P>
where
    P: Send + Sync + 'static,
{
    /// Adds a member. Returns `None` if the messages that it has missed have to be read from the
    /// engine first.
    pub(in crate::rooms) fn enter(
        self: &Arc<Self>,
        id: MemberId,
        connection: &Arc<Shared>,
        request: &JoinRequest<P>,
        seats: &Seats,
        now: Instant,
    ) -> Result<Option<EnterOutcome<P>>> {
        let room: Arc<dyn LeaveRoom> = self.clone();
        let room_link = RoomLink::new(id.0, Arc::downgrade(&room));
        let JoinRequest { presence, key, stored, from, returning } = request;
        let mut state = self.lock();
        // A connection that is closing counts as gone.
        let is_connected = |(_, occupant): (u64, &Occupant<P>)| !occupant.connection.is_closed();
        if let (Some(key), Seats::Refuse) = (key, seats)
            && (state.occupants.with_key(key).any(is_connected) || state.occupants.is_held_remotely(key))
        {
            return Err(Error::taken());
        }
        let missed = match returning {
            None => Some(state.missed_since(from, now)),
            Some(returning) => returning.missed_since(state.log.as_mut(), now),
        };
        let Some((missed, resumed)) = missed else { return Ok(None) };
        let notice = from.is_announced().then(|| {
            let position = state.log.as_mut().map(MessageLog::show_position);
            resume_notice(&self.name, resumed, position)
        });
        let after_unlock = connection.join_room(room_link, &self.name, notice.flatten(), missed)?;
        let mut notifications = Notifications::default();
        let mut replaced = Vec::new();
        if let (Some(key), Seats::Replace(_)) = (key, seats) {
            replaced.extend(state.occupants.with_key(key).map(|(id, _)| id));
        }
        let occupant = Occupant { connection: connection.clone(), presence: presence.clone() };
        self.form_demand.add(connection.compression_rule());
        let joined = state.occupants.insert(id.0, occupant, key.clone(), stored.clone());
        if let Some(engine) = &self.engine {
            engine.publish_joined(&self.name, id.0, stored);
        }
        if let Some(key) = key {
            let holder = KeyHolder { connection: connection.id, room: Arc::downgrade(self) };
            self.indexes.keys.insert(key.clone(), id.0, holder);
        }
        self.announce(&state, &joined, &mut notifications);
        let replaced = replaced.into_iter().filter_map(|member| {
            let Occupant { connection, presence } =
                self.remove_occupant(&mut state, member, &mut notifications)?;
            Some(ReplacedMember { member, connection, presence })
        });
        let replaced = replaced.collect();
        Ok(Some(EnterOutcome { resumed, after_unlock, notifications, replaced }))
    }
}

impl<P> RoomState<P> {
    /// Returns the messages that a returning client missed.
    fn missed_since(&mut self, from: &Resume, now: Instant) -> (Vec<SharedFrame>, ResumeOutcome) {
        let life = self.log.as_ref().map_or(0, |log| log.position().life());
        match (from.take_position(life), &mut self.log) {
            (None, _) => (Vec::new(), ResumeOutcome::Fresh),
            (Some(_), None) => (Vec::new(), ResumeOutcome::Lost(None)),
            (Some(position), Some(log)) => match log.since(position, now) {
                Some(missed) => {
                    let resumed = ResumeOutcome::Recovered(missed.len());
                    (missed, resumed)
                }
                None => (Vec::new(), ResumeOutcome::Lost(Some(log.position()))),
            },
        }
    }
}
