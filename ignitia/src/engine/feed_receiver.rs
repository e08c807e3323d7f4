//! Receiver of a room's feed: the room on this node.

use super::{
    item::{Item, StoredMember},
    place::Place,
};

/// Receiver of a room's feed. The engine calls it from one task, in the room's order.
pub(crate) trait FeedReceiver: Send + Sync {
    /// Handles an event. It must not block.
    fn receive(&self, event: FeedEvent);

    /// Returns the members that are on this node.
    fn local_members(&self) -> Vec<StoredMember>;
}

/// Event of a room's feed.
#[derive(Debug)]
pub(crate) enum FeedEvent {
    /// The feed goes on behind this place: it begins, or messages are missing before it.
    Restarted { at: Place, missed: Missed },
    /// So many messages are missing that no history keeps.
    MissedUnremembered(u64),
    /// All members that the engine knows, in place of those that were known. The first event of a
    /// feed.
    Members(Vec<StoredMember>),
    /// The next thing, with its place if the history keeps it.
    Item { place: Option<Place>, item: Item },
}

/// Messages that are missing before a feed goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missed {
    /// None: the feed begins.
    Nothing,
    /// So many.
    Messages(u64),
    /// Some, perhaps: the engine has lost what it knew.
    Unknown,
}
