use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, OnceLock, Weak},
};

use bytes::Bytes;
use tokio::sync::MutexGuard as TurnGuard;

use super::{
    link::EngineLink,
    presence_codec::{PresenceCodec, StoredPresence},
    remote_members::RemoteMember,
};
use crate::{
    connection::OverflowAction,
    engine::{FeedReceiver, Item, StoredMember},
    rooms::config::Seats,
    sync::{AtomicBool, Notify, Ordering},
};

/// Bits of a member's number that count the members of its node. The number of the node is above
/// them, and both together are below 2^53: JavaScript reads them exactly.
pub(super) const COUNTER_BITS: u32 = 33;

/// Part of a room that is on an engine.
// A room in memory has none of it, so it is behind a pointer. A panic leaves no half of a change.
pub(in crate::rooms) struct EngineRoom<P>(AssertUnwindSafe<Box<EngineRoomParts<P>>>);

struct EngineRoomParts<P> {
    link: Arc<dyn EngineLink>,
    codec: PresenceCodec<P>,
    /// Policy of the room here, for a message without a key.
    overflow: OverflowAction,
    seats: Seats,
    /// Number of the feed, once it is open.
    feed: OnceLock<u64>,
    /// Notified after each event of the feed.
    progress: Notify,
    /// Held while the history is read from the engine: one client reads for all.
    reading: tokio::sync::Mutex<()>,
    /// True once a warning has told of members that cannot be decoded.
    has_warned: AtomicBool,
}

/// State of a room on an engine, under the room's lock.
#[derive(Default)]
pub(in crate::rooms) struct EngineRoomState {
    has_begun: bool,
    /// Number of clients that are about to enter, and keep the room.
    holds: usize,
    /// Number of the oldest position from which the engine can go on, if it was asked.
    pub(in crate::rooms) oldest: Option<u64>,
}

impl<P> EngineRoom<P> {
    pub(super) fn new(
        link: Arc<dyn EngineLink>,
        codec: PresenceCodec<P>,
        overflow: OverflowAction,
        seats: Seats,
    ) -> Self {
        Self(AssertUnwindSafe(Box::new(EngineRoomParts {
            link,
            codec,
            overflow,
            seats,
            feed: OnceLock::new(),
            progress: Notify::new(),
            reading: tokio::sync::Mutex::new(()),
            has_warned: AtomicBool::new(false),
        })))
    }

    /// Begins the feed of the room.
    pub(in crate::rooms) fn open_feed<R>(&self, name: &str, has_history: bool, receiver: Weak<R>)
    where
        R: FeedReceiver + 'static,
    {
        self.0.feed.get_or_init(|| self.0.link.open(name, has_history, receiver));
    }

    pub(in crate::rooms) fn close_feed(&self, name: &str) {
        if let Some(feed) = self.0.feed.get() {
            self.0.link.close(name, *feed);
        }
    }

    pub(super) fn link(&self) -> &dyn EngineLink {
        &*self.0.link
    }

    pub(in crate::rooms) fn publish_joined(&self, name: &str, id: u64, stored: &StoredPresence) {
        self.publish(name, id, stored, Item::Joined);
    }

    pub(in crate::rooms) fn publish_changed(&self, name: &str, id: u64, stored: &StoredPresence) {
        self.publish(name, id, stored, Item::Changed);
    }

    fn publish(
        &self,
        name: &str,
        id: u64,
        StoredPresence(encoded): &StoredPresence,
        item: fn(StoredMember) -> Item,
    ) {
        if let Some(encoded) = encoded.clone() {
            self.0.link.publish_presence(name, item(StoredMember { id, encoded }));
        }
    }

    pub(in crate::rooms) fn publish_left(&self, name: &str, id: u64) {
        self.0.link.publish_presence(name, Item::Left { member: id });
    }

    /// Returns the number of this node.
    pub(in crate::rooms) fn node(&self) -> u32 {
        self.0.link.node()
    }

    /// Returns true if a member is on another node.
    pub(in crate::rooms) fn is_remote(&self, id: u64) -> bool {
        node_of(id) != self.node()
    }

    /// Decodes a member of another node; `None` if it cannot be decoded here, as that of another
    /// version of the program. It runs code of the user's.
    pub(in crate::rooms) fn decode(&self, name: &str, encoded: &Bytes) -> Option<RemoteMember<P>> {
        match RemoteMember::decode(encoded, self.0.codec) {
            Ok(member) => Some(member),
            Err(error) => {
                if !self.0.has_warned.swap(true, Ordering::Relaxed) {
                    let text = "members of another node are left out: they cannot be decoded";
                    tracing::warn!(room = name, %error, "{text}");
                }
                None
            }
        }
    }

    /// Returns the policy of the room here for a message with this key.
    pub(in crate::rooms) fn overflow_action(&self, key: Option<u64>) -> OverflowAction {
        match (self.0.overflow, key) {
            (OverflowAction::Coalesce { limit, .. }, Some(key)) => OverflowAction::Coalesce { limit, key },
            // No newer message replaces it.
            (OverflowAction::Coalesce { limit, .. }, None) => OverflowAction::DropOldest { limit },
            (other, _) => other,
        }
    }

    pub(in crate::rooms) fn seats(&self) -> &Seats {
        &self.0.seats
    }

    /// Wakes those who wait for an event of the feed.
    pub(in crate::rooms) fn notify(&self) {
        self.0.progress.notify_waiters();
    }

    pub(super) fn progress(&self) -> &Notify {
        &self.0.progress
    }

    /// Waits for the turn to read from the engine.
    pub(super) async fn turn(&self) -> TurnGuard<'_, ()> {
        self.0.reading.lock().await
    }
}

/// Returns the number of a member's node.
pub(in crate::rooms) fn node_of(id: u64) -> u32 {
    u32::try_from(id >> COUNTER_BITS).unwrap_or(u32::MAX)
}

impl EngineRoomState {
    /// Returns true once the engine has told where the room is.
    pub(in crate::rooms) fn has_begun(&self) -> bool {
        self.has_begun
    }

    pub(in crate::rooms) fn begin(&mut self) {
        self.has_begun = true;
        self.oldest = None;
    }

    /// Returns true if clients are about to enter.
    pub(in crate::rooms) fn is_held(&self) -> bool {
        self.holds > 0
    }

    pub(in crate::rooms) fn hold(&mut self) {
        self.holds += 1;
    }

    pub(in crate::rooms) fn release(&mut self) {
        self.holds -= 1;
    }
}
