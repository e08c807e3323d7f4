//! Changes of a room's members on this node that the engine is to be told.

/// Most changes of a room that wait. With one more, a list of all members waits in their place.
const MAX_CHANGES: usize = 16;

/// Changes of a room's members on this node that the engine is to be told.
#[derive(Debug, Default)]
pub(super) struct LocalPresence {
    /// True if the engine is to be told all members in place of single changes.
    is_dirty: bool,
    /// True while the list of all members waits to be published.
    is_list_waiting: bool,
    /// Single changes that wait to be published.
    waiting: usize,
    /// Number of the last single change.
    last_change: u64,
    /// Number of the last one that a list stands for.
    superseded: u64,
    /// True if the engine may know members of this node in the room.
    may_be_known: bool,
}

/// Work that a change leaves to be published.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum PresenceWork {
    /// The change, under this number.
    Change(u64),
    /// The list of all members.
    List,
    /// Nothing: a list stands for the change, which waits or will wait.
    Nothing,
}

impl LocalPresence {
    pub(super) fn is_dirty(&self) -> bool {
        self.is_dirty
    }

    /// Returns true if the engine may know members that are not here any more.
    pub(super) fn may_be_stale(&self) -> bool {
        self.is_dirty && (self.may_be_known || self.waiting > 0)
    }

    /// Records that the engine is to be told all members: changes that wait are left out.
    pub(super) fn set_dirty(&mut self) {
        self.is_dirty = true;
        self.superseded = self.last_change;
    }

    /// Records that the engine is to be told all members, in place of changes that it may know in
    /// part: those of an earlier feed of the room, or of a batch that was not done.
    pub(super) fn inherit_change(&mut self) {
        self.may_be_known = true;
        self.set_dirty();
    }

    /// Adds a change. Nothing is published before the room is heard (`is_live`).
    pub(super) fn add(&mut self, is_live: bool) -> PresenceWork {
        if is_live && !self.is_dirty && self.waiting < MAX_CHANGES {
            self.waiting += 1;
            self.last_change += 1;
            return PresenceWork::Change(self.last_change);
        }
        let was_dirty = self.is_dirty;
        self.set_dirty();
        if is_live && !was_dirty && self.start_list() { PresenceWork::List } else { PresenceWork::Nothing }
    }

    /// Returns true if the list of all members is to wait now, and does not yet.
    pub(super) fn start_list(&mut self) -> bool {
        self.is_dirty && !std::mem::replace(&mut self.is_list_waiting, true)
    }

    /// Takes a change from those that wait. Returns false if a list stands for it.
    pub(super) fn take_change(&mut self, number: u64) -> bool {
        self.waiting -= 1;
        let is_due = number > self.superseded;
        self.may_be_known |= is_due;
        is_due
    }

    /// Takes the list. Returns false if it is not to be published, or not yet.
    pub(super) fn take_list(&mut self, is_live: bool) -> bool {
        self.is_list_waiting = false;
        let is_due = is_live && std::mem::take(&mut self.is_dirty);
        self.may_be_known |= is_due;
        is_due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_changes_become_one_list() {
        let mut presence = LocalPresence::default();
        for number in 1..=MAX_CHANGES as u64 {
            assert_eq!(presence.add(true), PresenceWork::Change(number));
        }
        assert_eq!(presence.add(true), PresenceWork::List);
        assert_eq!(presence.add(true), PresenceWork::Nothing);
        assert!((1..=MAX_CHANGES as u64).all(|number| !presence.take_change(number)));
        assert!(presence.take_list(true));
        assert_eq!(presence.add(true), PresenceWork::Change(MAX_CHANGES as u64 + 1));
        assert!(presence.take_change(MAX_CHANGES as u64 + 1));
    }

    #[test]
    fn a_list_waits_until_the_room_is_heard() {
        let mut presence = LocalPresence::default();
        assert_eq!(presence.add(true), PresenceWork::Change(1));
        assert_eq!(presence.add(false), PresenceWork::Nothing);
        // The change was made before, and the list has it.
        assert!(!presence.take_change(1));
        assert!(presence.start_list() && !presence.start_list());
        assert!(!presence.take_list(false), "the connection was lost again");
        assert!(presence.is_dirty() && presence.start_list() && presence.take_list(true));
        assert!(!presence.is_dirty() && !presence.start_list());
    }

    #[test]
    fn only_what_was_or_will_be_published_can_be_stale() {
        let mut presence = LocalPresence::default();
        assert_eq!(presence.add(false), PresenceWork::Nothing);
        assert!(!presence.may_be_stale(), "nothing is known of members who came and went in an outage");
        assert!(presence.start_list() && presence.take_list(true));
        assert!(!presence.may_be_stale(), "all is told");
        assert_eq!(presence.add(false), PresenceWork::Nothing);
        assert!(presence.may_be_stale());
        // So are those whom an earlier feed of the room has told.
        let mut presence = LocalPresence::default();
        presence.inherit_change();
        assert!(presence.may_be_stale());
        // A change that waits is published even if the feed ends.
        let mut presence = LocalPresence::default();
        assert_eq!(presence.add(true), PresenceWork::Change(1));
        presence.set_dirty();
        assert!(presence.may_be_stale());
    }
}
