//! Work for the engine's task.

use std::{
    iter::Sum,
    sync::{Arc, Weak},
};

use tokio::sync::oneshot;

use super::{
    feed_receiver::FeedReceiver,
    history_limits::HistoryLimits,
    item::{Item, PublishedMessage, StoredMember},
    place::Place,
};
use crate::error::Result;

/// Work for the engine's task, which does it in order.
pub(super) enum Op {
    /// Begins the feed of a room.
    Open(OpenFeed),
    /// Ends the feed of a room, if it is still this one.
    Close { room: Arc<str>, feed: u64 },
    /// Publishes things to rooms.
    Publish(Publication),
    /// Publishes a change of the members on this node.
    Presence { room: Arc<str>, item: Item },
    /// Reads what the engine knows of a room.
    Read { room: Arc<str>, read: Read },
}

/// Feed to begin.
pub(super) struct OpenFeed {
    /// Key of the room.
    pub(super) room: Arc<str>,
    /// Number of the feed: a room that is opened again has another one.
    pub(super) feed: u64,
    pub(super) has_history: bool,
    pub(super) receiver: Weak<dyn FeedReceiver>,
}

/// Bytes that a publication counts for each target, besides the thing itself.
const OVERHEAD: usize = 128;

/// Things that are published at one moment.
pub(super) struct Publication {
    pub(super) targets: Vec<Target>,
    /// Bytes of all targets.
    pub(super) bytes: usize,
    /// True if it counts against the limits of the queue. Changes of members do not.
    pub(super) is_limited: bool,
    /// Receiver of the first thing's place.
    pub(super) done: Option<oneshot::Sender<Result<Place>>>,
}

impl Publication {
    /// Creates one that counts against the limits of the queue.
    pub(super) fn message(targets: Vec<Target>, done: Option<oneshot::Sender<Result<Place>>>) -> Self {
        let bytes = targets.iter().map(|target| OVERHEAD + target.item.size()).sum();
        Self { targets, bytes, is_limited: true, done }
    }

    /// Creates that of a change of the members here.
    pub(super) fn presence(room: Arc<str>, item: Item) -> Self {
        let targets = vec![Target { room, item, history: None }];
        Self { is_limited: false, ..Self::message(targets, None) }
    }

    /// Returns the share of the queue's limits that it takes.
    pub(super) fn share(&self) -> QueueShare {
        match self.is_limited {
            true => QueueShare { messages: 1, bytes: self.bytes },
            false => QueueShare::default(),
        }
    }
}

/// Share of the limits of the queue: publications without an outcome, and their bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct QueueShare {
    pub(super) messages: usize,
    pub(super) bytes: usize,
}

impl Sum for QueueShare {
    fn sum<I: Iterator<Item = Self>>(shares: I) -> Self {
        shares.fold(Self::default(), |sum, share| Self {
            messages: sum.messages + share.messages,
            bytes: sum.bytes + share.bytes,
        })
    }
}

/// Thing for one room.
#[derive(Debug)]
pub(super) struct Target {
    /// Key of the room.
    pub(super) room: Arc<str>,
    pub(super) item: Item,
    /// Limits of the room's history, if it has one.
    pub(super) history: Option<HistoryLimits>,
}

/// Question to the engine, with the receiver of the answer.
pub(super) enum Read {
    Since { from: Place, answer: oneshot::Sender<Result<Since>> },
    Before { end: Option<Place>, messages: usize, answer: oneshot::Sender<Result<Vec<RememberedMessage>>> },
    Members { answer: oneshot::Sender<Result<Vec<StoredMember>>> },
}

/// Answer to a client that has seen a room's history up to a place.
#[derive(Debug)]
pub(crate) enum Since {
    /// All messages after the place, the oldest first.
    Messages(Vec<RememberedMessage>),
    /// The history does not have all of them.
    Lost,
}

/// Message of a history.
#[derive(Debug, Clone)]
pub(crate) struct RememberedMessage {
    pub(crate) place: Place,
    pub(crate) message: PublishedMessage,
}
