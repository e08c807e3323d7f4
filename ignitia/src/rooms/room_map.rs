//! Map of all rooms of a registry, by name.

use std::{collections::HashMap, sync::Arc};

use super::{idle_rooms::IdleRooms, live_room::LiveRoom};

/// All rooms by name, and the reasons for keeping the empty ones.
pub(super) struct RoomMap<P> {
    pub(super) by_name: HashMap<Arc<str>, RoomEntry<P>>,
    /// Number of rooms that are only watched.
    pub(super) only_watched: usize,
    pub(super) idle: IdleRooms,
}

/// Room of the map.
pub(super) struct RoomEntry<P> {
    pub(super) live_room: Arc<LiveRoom<P>>,
    /// True if the room has no members and remembers nothing, but is watched. It does not count as
    /// a room then.
    pub(super) is_only_watched: bool,
}

impl<P> RoomMap<P> {
    pub(super) fn set_only_watched(&mut self, name: &Arc<str>, is_only_watched: bool) {
        if let Some(entry) = self.by_name.get_mut(name)
            && entry.is_only_watched != is_only_watched
        {
            entry.is_only_watched = is_only_watched;
            if is_only_watched { self.only_watched += 1 } else { self.only_watched -= 1 }
        }
    }

    pub(super) fn remove(&mut self, name: &Arc<str>) -> Option<Arc<LiveRoom<P>>> {
        let entry = self.by_name.remove(name)?;
        self.only_watched -= usize::from(entry.is_only_watched);
        Some(entry.live_room)
    }
}
