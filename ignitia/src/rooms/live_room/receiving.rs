//! Receipt of what the engine hands to a room.

use std::{collections::HashSet, sync::Arc};

use super::live_room::LiveRoom;
use crate::{
    close::CloseFrame,
    connection::{AfterUnlock, ConnectionId, SharedFrame},
    engine::{FeedEvent, FeedReceiver, Item, Missed, Place, PublishedMessage, StoredMember},
    rooms::{
        broadcast_frames::{BroadcastFrames, NeededFrames},
        events::RoomEvent,
        member::MemberId,
        notifications::Notifications,
        position::Position,
        remote::{EngineRoom, decode_message, position_of},
    },
    time::now,
};

impl<P> FeedReceiver for LiveRoom<P>
where
    P: Send + Sync + 'static,
{
    fn receive(&self, event: FeedEvent) {
        let Some(engine) = &self.engine else { return };
        match event {
            FeedEvent::Restarted { at, missed } => self.restart(engine, at, missed),
            // A room with a history heals, and what it does not keep counts only for the moment.
            FeedEvent::MissedUnremembered(missed) if !self.has_log => self.tell_missed(engine, Some(missed)),
            FeedEvent::MissedUnremembered(_) => {}
            FeedEvent::Members(members) => self.receive_members(engine, None, members),
            FeedEvent::Item { place, item } => self.receive_item(engine, place, item),
        }
        engine.notify();
    }

    fn local_members(&self) -> Vec<StoredMember> {
        self.lock().occupants.remote.stored()
    }
}

impl<P> LiveRoom<P>
where
    P: Send + Sync + 'static,
{
    fn restart(&self, engine: &EngineRoom<P>, at: Place, missed: Missed) {
        let mut state = self.lock();
        state.engine.begin();
        if let Some(log) = &mut state.log {
            log.restart(position_of(at));
        }
        drop(state);
        match missed {
            Missed::Nothing => {}
            Missed::Messages(missed) => self.tell_missed(engine, Some(missed)),
            Missed::Unknown => self.tell_missed(engine, None),
        }
    }

    /// Tells members and watchers that messages of the room are missing.
    fn tell_missed(&self, engine: &EngineRoom<P>, missed: Option<u64>) {
        let mut after_unlock = AfterUnlock::default();
        let mut notifications = Notifications::default();
        let overflow = engine.overflow_action(None);
        let state = self.lock();
        for (id, occupant) in state.occupants.iter() {
            occupant.connection.note_missed(id, &self.name, missed, overflow, &mut after_unlock);
        }
        let event = RoomEvent::MessagesMissed(missed);
        state.watchers.announce_to_all(&event, &mut notifications);
        self.indexes.watchers.announce(&self.name, &event, &mut notifications);
        drop(state);
        after_unlock.run();
        notifications.run();
    }

    fn receive_item(&self, engine: &EngineRoom<P>, place: Option<Place>, item: Item) {
        match item {
            Item::Message { message, .. } => self.receive_message(engine, place.map(position_of), message),
            Item::Direct { member, message } => {
                let overflow = engine.overflow_action(message.coalesce_key);
                self.send_to(MemberId(member), &decode_message(message), overflow);
            }
            Item::CloseMember { member, code, reason } => {
                self.close(MemberId(member), CloseFrame { code, reason });
            }
            Item::Joined(member) | Item::Changed(member) => self.receive_member(engine, member),
            Item::Left { member } => self.receive_left(engine, member),
            Item::NodeMembers { node, members } => self.receive_members(engine, Some(node), members),
            // The feed of all rooms has these.
            Item::KeyDirect { .. } | Item::KeyClose { .. } => {}
        }
    }

    /// Delivers a message to all members here.
    fn receive_message(&self, engine: &EngineRoom<P>, at: Option<Position>, message: PublishedMessage) {
        let at = at.filter(|_| self.has_log);
        let overflow = engine.overflow_action(message.coalesce_key);
        let except = message.except;
        let served = self.members_of_earlier(&message.rooms);
        let frame = self.frame(message, at);
        let mut state = self.lock();
        if state.is_removed {
            return;
        }
        let mut after_unlock = AfterUnlock::of_broadcast(state.occupants.len());
        if let (Some(at), Some(log)) = (at, &mut state.log) {
            log.push_at(at, frame.clone(), now());
        }
        for (id, occupant) in state.occupants.iter() {
            if except != Some(id) && !served.contains(&occupant.connection.id) {
                occupant.connection.deliver(id, &self.name, &frame, overflow, &mut after_unlock);
            }
        }
        drop(state);
        after_unlock.run();
    }

    /// Returns the connections that are sent a message to several rooms by an earlier one of these.
    fn members_of_earlier(&self, rooms: &[Arc<str>]) -> HashSet<ConnectionId> {
        let mut served = HashSet::new();
        let Some(registry) = self.observer.upgrade().filter(|_| !rooms.is_empty()) else { return served };
        let earlier = rooms.iter().take_while(|room| **room != self.name);
        for room in earlier.filter_map(|room| registry.find_room(room)) {
            served.extend(room.lock().occupants.iter().map(|(_, occupant)| occupant.connection.id));
        }
        served
    }
}

impl<P> LiveRoom<P> {
    /// Returns the frame of a published message, with its position if the history has it.
    pub(in crate::rooms) fn frame(&self, message: PublishedMessage, at: Option<Position>) -> SharedFrame {
        let message = decode_message(message);
        let needed = NeededFrames { plain: at.is_none(), with_position: at.is_some() };
        let wanted = |is_text, length| self.form_demand.wanted(is_text, length);
        let frames = BroadcastFrames::new(&message, needed, wanted);
        // What is no object was not held to the rule by its sender. It has no position then.
        at.and_then(|at| frames.frame_at(at).ok()).unwrap_or_else(|| frames.frame())
    }
}
