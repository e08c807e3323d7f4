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
        resume::{Resume, resume_notice},
    },
    time::Instant,
};

/// Connection that wants to join, without the connection itself.
pub(in crate::rooms) struct JoinRequest<P> {
    pub(in crate::rooms) presence: Arc<P>,
    pub(in crate::rooms) key: Option<MemberKey>,
    /// Position up to which the client has seen the room's history.
    pub(in crate::rooms) from: Resume,
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
    /// Adds a member.
    pub(in crate::rooms) fn enter(
        self: &Arc<Self>,
        id: MemberId,
        connection: &Arc<Shared>,
        request: &JoinRequest<P>,
        seats: &Seats,
        now: Instant,
    ) -> Result<EnterOutcome<P>> {
        let room: Arc<dyn LeaveRoom> = self.clone();
        let room_link = RoomLink::new(id.0, Arc::downgrade(&room));
        let JoinRequest { presence, key, from } = request;
        let mut state = self.lock();
        // A connection that is closing counts as gone.
        let is_connected = |(_, occupant): (u64, &Occupant<P>)| !occupant.connection.is_closed();
        if let (Some(key), Seats::Refuse) = (key, seats)
            && state.occupants.with_key(key).any(is_connected)
        {
            return Err(Error::taken());
        }
        let (missed, resumed) = state.missed_since(from, now);
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
        let joined = state.occupants.insert(id.0, occupant, key.clone());
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
        Ok(EnterOutcome { resumed, after_unlock, notifications, replaced })
    }
}

impl<P> RoomState<P> {
    /// Returns the messages that a returning client missed.
    fn missed_since(&mut self, from: &Resume, now: Instant) -> (Vec<SharedFrame>, ResumeOutcome) {
        let epoch = self.log.as_ref().map_or(0, |log| log.position().epoch);
        match (from.take_position(epoch), &mut self.log) {
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
