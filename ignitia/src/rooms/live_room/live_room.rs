use std::{
    fmt,
    panic::RefUnwindSafe,
    sync::{Arc, PoisonError, Weak},
};

use super::{
    occupants::{MembershipChange, Occupants},
    watchers::{MAX_EVENTS_BEHIND, Watchers},
};
use crate::{
    connection::FormDemand,
    rooms::{
        all_rooms_watchers::AllRoomsWatchers,
        event_queue::EventQueue,
        events::RoomEvent,
        key_index::KeyIndex,
        member::{Member, MemberId},
        member_key::MemberKey,
        message_log::MessageLog,
        notifications::{Notifications, drop_catching_panics},
        position::Position,
        presence_grouping::PresenceGrouping,
        remembered::Remembered,
        remote::{EngineRoom, EngineRoomState, RemoteMembers, StoredPresence},
    },
    sync::{Mutex, MutexGuard},
    time::{Instant, now},
};

/// Room that exists.
pub(in crate::rooms) struct LiveRoom<P> {
    pub(super) name: Arc<str>,
    pub(super) observer: Weak<dyn RoomObserver<P>>,
    pub(super) indexes: Arc<RoomIndexes<P>>,
    /// True if the room has a history.
    pub(super) has_log: bool,
    /// Demand of the members for compressed messages.
    pub(super) form_demand: FormDemand,
    /// Part that is on an engine, if it is on one.
    pub(in crate::rooms) engine: Option<EngineRoom<P>>,
    /// Guards the members. It is held while a broadcast is delivered, so that all members receive
    /// broadcasts in the same order.
    pub(super) state: Mutex<RoomState<P>>,
}

/// State under the room's lock.
pub(in crate::rooms) struct RoomState<P> {
    pub(super) occupants: Occupants<P>,
    pub(in crate::rooms) log: Option<MessageLog>,
    pub(super) watchers: Watchers<P>,
    pub(in crate::rooms) engine: EngineRoomState,
    /// True once the registry has removed the room. A handle that still has it looks it up again.
    pub(super) is_removed: bool,
}

/// Indexes over all rooms of one registry, which the rooms keep up to date.
pub(in crate::rooms) struct RoomIndexes<P> {
    pub(in crate::rooms) watchers: AllRoomsWatchers<P>,
    pub(in crate::rooms) keys: KeyIndex<LiveRoom<P>>,
}

/// Observer of a room: the registry, which removes rooms that are not in use.
// `RefUnwindSafe` keeps watches unwind-safe, as all other parts of them are.
pub(in crate::rooms) trait RoomObserver<P>: Send + Sync + RefUnwindSafe {
    /// Called without any lock held, after the last member or watcher has left.
    fn emptied(&self, room: &Arc<LiveRoom<P>>);

    /// Returns the room of this name.
    #[cfg(feature = "redis")]
    fn find_room(&self, name: &str) -> Option<Arc<LiveRoom<P>>>;
}

/// Reason for keeping a room.
pub(in crate::rooms) enum Retention<P> {
    /// It has members.
    Occupied,
    /// It is empty, but remembers so many bytes until this time, or a client knows its position.
    History { until: Instant, bytes: usize, had_messages: bool },
    /// It is empty, but watched, or about to be entered.
    Watched,
    /// There is none: the room is removed from now on. The caller holds no lock when it notifies
    /// the watchers of all rooms that the members on other nodes are out of sight.
    Removed(Notifications<P>),
    /// It was removed before.
    AlreadyRemoved,
}

impl<P> RoomIndexes<P> {
    pub(in crate::rooms) fn new() -> Arc<Self> {
        Arc::new(Self { watchers: AllRoomsWatchers::new(), keys: KeyIndex::new() })
    }
}

impl<P> LiveRoom<P> {
    pub(in crate::rooms) fn new(
        name: Arc<str>,
        observer: Weak<dyn RoomObserver<P>>,
        indexes: Arc<RoomIndexes<P>>,
        log: Option<MessageLog>,
        engine: Option<EngineRoom<P>>,
    ) -> Arc<Self> {
        let (has_log, form_demand) = (log.is_some(), FormDemand::new());
        let state = RoomState {
            occupants: Occupants::new(),
            log,
            watchers: Watchers::new(),
            engine: EngineRoomState::default(),
            is_removed: false,
        };
        Arc::new(Self { name, observer, indexes, has_log, form_demand, engine, state: Mutex::new(state) })
    }

    /// Ends the feed of a room on an engine, once the room is removed.
    pub(in crate::rooms) fn close_feed(&self) {
        if let Some(engine) = &self.engine {
            engine.close_feed(&self.name);
        }
    }

    pub(in crate::rooms) fn lock(&self) -> MutexGuard<'_, RoomState<P>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(in crate::rooms) fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// Returns the number of members here.
    pub(in crate::rooms) fn len(&self) -> usize {
        self.lock().occupants.len()
    }

    /// Returns the number of members on all nodes.
    pub(in crate::rooms) fn total(&self) -> usize {
        self.lock().occupants.total()
    }

    pub(in crate::rooms) fn members(&self, grouping: PresenceGrouping) -> Vec<Member<P>> {
        self.lock().occupants.list(grouping)
    }

    /// Returns the members for a watcher of all rooms. `forget` runs under the room's lock, so that
    /// it drops exactly the events that are in the list already.
    pub(in crate::rooms) fn members_since(&self, forget: impl FnOnce()) -> Vec<Member<P>> {
        let state = self.lock();
        forget();
        state.occupants.list(PresenceGrouping::Memberships)
    }

    /// Adds a watcher, and returns the members of that moment. The caller holds the lock of the
    /// map, so the room cannot be removed meanwhile.
    pub(in crate::rooms) fn watch(
        &self,
        grouping: PresenceGrouping,
    ) -> (Vec<Member<P>>, Arc<EventQueue<RoomEvent<P>>>) {
        let queue = EventQueue::new(MAX_EVENTS_BEHIND);
        let mut state = self.lock();
        state.watchers.add(&queue, grouping);
        (state.occupants.list(grouping), queue)
    }

    /// Removes a watcher.
    pub(in crate::rooms) fn unwatch(self: &Arc<Self>, queue: &Arc<EventQueue<RoomEvent<P>>>) {
        let mut state = self.lock();
        state.watchers.remove(queue);
        let is_idle = state.is_idle();
        drop(state);
        if is_idle {
            self.tell_emptied();
        }
    }

    /// Tells the registry that the room may not be in use any more. The caller holds no lock.
    pub(in crate::rooms) fn tell_emptied(self: &Arc<Self>) {
        if let Some(observer) = self.observer.upgrade() {
            observer.emptied(self);
        }
    }

    pub(in crate::rooms) fn position(&self) -> Option<Position> {
        let state = self.lock();
        state
            .log
            .as_ref()
            .filter(|_| self.engine.is_none() || state.engine.has_begun())
            .map(MessageLog::position)
    }

    pub(in crate::rooms) fn history(&self, before: Option<Position>, messages: usize) -> Vec<Remembered> {
        let found = self.lock().log.as_mut().map(|log| log.before(before, messages, now()));
        found.unwrap_or_default().into_iter().map(|(at, frame)| Remembered::new(at, &frame)).collect()
    }

    /// Returns the key of a member here.
    pub(in crate::rooms) fn key_of(&self, member: MemberId) -> Option<MemberKey> {
        self.lock().occupants.key_of(member.0).cloned()
    }

    pub(in crate::rooms) fn set_presence(&self, member: MemberId, presence: Arc<P>, stored: StoredPresence) {
        let mut notifications = Notifications::default();
        let mut state = self.lock();
        let Some((before, changed)) = state.occupants.change(member.0, presence, stored.clone()) else {
            return;
        };
        if let Some(engine) = &self.engine {
            engine.publish_changed(&self.name, member.0, &stored);
        }
        self.announce(&state, &changed, &mut notifications);
        drop(state);
        notifications.run();
        drop_catching_panics((before, changed));
    }

    /// Queues the events of a change for all watchers, in the order in which the changes happen.
    pub(super) fn announce(
        &self,
        state: &RoomState<P>,
        change: &MembershipChange<P>,
        notifications: &mut Notifications<P>,
    ) {
        state.watchers.announce(change, notifications);
        self.indexes.watchers.announce(&self.name, &change.membership_event, notifications);
    }

    /// Returns the reason for keeping the room; if there is none, marks it as removed.
    pub(in crate::rooms) fn check_retention(&self, now: Instant) -> Retention<P> {
        let mut state = self.lock();
        if state.is_removed {
            return Retention::AlreadyRemoved;
        }
        if !state.occupants.is_empty() {
            return Retention::Occupied;
        }
        // The history of a room on an engine is kept there.
        if self.engine.is_none()
            && let Some(log) = &mut state.log
            && let Some(until) = log.kept_until(now)
        {
            return Retention::History { until, bytes: log.bytes(), had_messages: log.had_messages() };
        }
        if !state.is_idle() {
            return Retention::Watched;
        }
        state.is_removed = true;
        let mut notifications = Notifications::default();
        let members = state.occupants.list(PresenceGrouping::Memberships);
        for left in members {
            self.indexes.watchers.announce(&self.name, &RoomEvent::Left(left), &mut notifications);
        }
        Retention::Removed(notifications)
    }

    /// Forgets the history, unless the room has members.
    pub(in crate::rooms) fn forget_history(&self) {
        let mut state = self.lock();
        if state.occupants.is_empty()
            && let Some(log) = &mut state.log
        {
            log.clear();
        }
    }
}

impl<P> RoomState<P> {
    /// Returns true if nothing keeps the room but its history.
    pub(in crate::rooms) fn is_idle(&self) -> bool {
        self.occupants.is_empty() && self.watchers.is_empty() && !self.engine.is_held()
    }
}

/// Ends all watches: without its registry no member can join the room.
impl<P> Drop for LiveRoom<P> {
    fn drop(&mut self) {
        let mut notifications = Notifications::default();
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        state.watchers.end(&mut notifications);
        notifications.run();
        drop_catching_panics(std::mem::replace(&mut state.occupants.remote, RemoteMembers::new()));
    }
}

impl<P> fmt::Debug for LiveRoom<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveRoom").field("name", &self.name).finish_non_exhaustive()
    }
}
