//! Empty rooms that are kept for their history.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use crate::time::Instant;

/// Maximum number of empty rooms that are kept for their history.
const MAX_IDLE_ROOMS: usize = 10_000;
/// Maximum number of bytes that they may remember in total, their names included.
const MAX_IDLE_BYTES: usize = 64 << 20;

/// Empty rooms with a history, ordered by the time until which they are kept.
#[derive(Default)]
pub(super) struct IdleRooms {
    by_time: BTreeSet<(Instant, Arc<str>)>,
    /// Those that never had a message: they are kept because a client knows their position. Any
    /// client can make such rooms, so they are the first to go.
    silent: BTreeSet<(Instant, Arc<str>)>,
    by_name: HashMap<Arc<str>, (Instant, usize)>,
    bytes: usize,
}

impl IdleRooms {
    /// Adds a room that remembers so many bytes.
    pub(super) fn insert(&mut self, name: Arc<str>, until: Instant, bytes: usize, had_messages: bool) {
        self.remove(&name);
        let bytes = bytes + name.len();
        self.by_time.insert((until, name.clone()));
        if !had_messages {
            self.silent.insert((until, name.clone()));
        }
        self.by_name.insert(name, (until, bytes));
        self.bytes += bytes;
    }

    pub(super) fn remove(&mut self, name: &Arc<str>) {
        if let Some((until, bytes)) = self.by_name.remove(name) {
            let entry = (until, name.clone());
            self.by_time.remove(&entry);
            self.silent.remove(&entry);
            self.bytes -= bytes;
        }
    }

    /// Removes the next room that is not kept any longer. The flag is true if its time is up, and
    /// false if there are too many rooms or bytes.
    pub(super) fn pop(&mut self, now: Instant) -> Option<(Arc<str>, bool)> {
        let (until, oldest) = self.by_time.first()?;
        let is_due = *until <= now;
        if !is_due && self.by_time.len() <= MAX_IDLE_ROOMS && self.bytes <= MAX_IDLE_BYTES {
            return None;
        }
        let name = match self.silent.first() {
            Some((_, silent)) if !is_due => silent.clone(),
            _ => oldest.clone(),
        };
        self.remove(&name);
        Some((name, is_due))
    }
}
