use std::{
    fmt,
    sync::{Arc, Weak},
    time::Duration,
};

use tokio::{sync::oneshot, time::timeout};

use super::{
    engine_core::EngineHandle,
    feed_receiver::FeedReceiver,
    history_limits::HistoryLimits,
    item::{Item, StoredMember},
    keys::room_key,
    op::{Op, OpenFeed, Publication, Read, RememberedMessage, Since, Target},
    outage::Outage,
    place::Place,
};
use crate::error::{Error, Result};

/// Link of one `Rooms` to the engine: rooms use it from any thread, and wait for nothing.
pub(crate) struct RoomsLink {
    engine: Arc<EngineHandle>,
    /// Key of these rooms, in which each room has a key of its own.
    key: Arc<str>,
}

/// Settings of a room that go with each publication.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PublishOptions {
    /// Limits of the room's history, if it has one.
    pub(crate) history: Option<HistoryLimits>,
    pub(crate) outage: Outage,
}

impl RoomsLink {
    pub(super) fn new(engine: Arc<EngineHandle>, key: Arc<str>) -> Self {
        Self { engine, key }
    }

    /// Returns the number of this node, of at most 20 bits.
    pub(crate) fn node(&self) -> u32 {
        self.engine.core.node
    }

    /// Returns a secret number that all nodes share, for hashes.
    pub(crate) fn hash_seed(&self) -> u64 {
        self.engine.core.hash_seed
    }

    fn room(&self, name: &str) -> Arc<str> {
        room_key(&self.key, name)
    }

    /// Begins the feed of a room. Returns its number.
    pub(crate) fn open(&self, name: &str, has_history: bool, receiver: Weak<dyn FeedReceiver>) -> u64 {
        self.open_key(self.room(name), has_history, receiver)
    }

    /// Begins the feed of what concerns all of these rooms: [`Item::KeyDirect`] and
    /// [`Item::KeyClose`].
    pub(crate) fn open_common(&self, receiver: Weak<dyn FeedReceiver>) -> u64 {
        self.open_key(self.key.clone(), false, receiver)
    }

    fn open_key(&self, room: Arc<str>, has_history: bool, receiver: Weak<dyn FeedReceiver>) -> u64 {
        let feed = self.engine.core.next_feed();
        self.engine.core.queue.push(Op::Open(OpenFeed { room, feed, has_history, receiver }));
        feed
    }

    /// Ends a feed.
    pub(crate) fn close(&self, name: &str, feed: u64) {
        self.engine.core.queue.push(Op::Close { room: self.room(name), feed });
    }

    /// Ends the feed of what concerns all of these rooms.
    pub(crate) fn close_common(&self, feed: u64) {
        self.engine.core.queue.push(Op::Close { room: self.key.clone(), feed });
    }

    /// Publishes something to a room. It does not wait for the engine.
    pub(crate) fn publish(&self, name: &str, item: Item, options: PublishOptions) -> Result<()> {
        let target = Target { room: self.room(name), item, history: options.history };
        self.push(vec![target], options.outage, None)
    }

    /// Publishes something to a room, and waits until the engine has it. The place is that of the
    /// newest message that the room's history keeps.
    pub(crate) async fn publish_confirmed(
        &self,
        name: &str,
        item: Item,
        options: PublishOptions,
    ) -> Result<Place> {
        let target = Target { room: self.room(name), item, history: options.history };
        let (done, outcome) = oneshot::channel();
        self.push(vec![target], options.outage, Some(done))?;
        let queued = if let Outage::Queue { time, .. } = options.outage { time } else { Duration::ZERO };
        let limit = queued.saturating_add(2 * self.engine.core.config.patience);
        match timeout(limit, outcome).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(Error::unavailable("the engine is closed")),
            Err(_) => {
                Err(Error::unavailable("the engine has not taken the message in time, and may still do so"))
            }
        }
    }

    /// Publishes things to several rooms at one moment.
    pub(crate) fn publish_group(&self, group: Vec<(Arc<str>, Item, PublishOptions)>) -> Result<()> {
        let Some((.., first)) = group.first() else { return Ok(()) };
        let outage = first.outage;
        let target = |(name, item, options): (Arc<str>, Item, PublishOptions)| Target {
            room: self.room(&name),
            item,
            history: options.history,
        };
        self.push(group.into_iter().map(target).collect(), outage, None)
    }

    /// Publishes something that concerns all of these rooms.
    pub(crate) fn publish_common(&self, item: Item, outage: Outage) -> Result<()> {
        self.push(vec![Target { room: self.key.clone(), item, history: None }], outage, None)
    }

    fn push(
        &self,
        targets: Vec<Target>,
        outage: Outage,
        done: Option<oneshot::Sender<Result<Place>>>,
    ) -> Result<()> {
        let outcome = self.engine.core.queue.publish(Publication::message(targets, done), outage);
        if outcome.is_err() {
            self.engine.core.metrics.refused();
        }
        outcome
    }

    /// Publishes a change of the members on this node.
    pub(crate) fn publish_presence(&self, name: &str, item: Item) {
        self.engine.core.queue.push(Op::Presence { room: self.room(name), item });
    }

    /// Reads the messages of a room's history after a place.
    pub(crate) async fn since(&self, name: &str, from: Place) -> Result<Since> {
        self.read(name, |answer| Read::Since { from, answer }).await
    }

    /// Reads the last messages of a room's history before a place, or the newest ones, the oldest
    /// first.
    pub(crate) async fn before(
        &self,
        name: &str,
        end: Option<Place>,
        messages: usize,
    ) -> Result<Vec<RememberedMessage>> {
        self.read(name, |answer| Read::Before { end, messages, answer }).await
    }

    /// Reads the members of a room on all nodes.
    pub(crate) async fn members(&self, name: &str) -> Result<Vec<StoredMember>> {
        self.read(name, |answer| Read::Members { answer }).await
    }

    async fn read<T>(&self, name: &str, read: impl FnOnce(oneshot::Sender<Result<T>>) -> Read) -> Result<T> {
        let core = &self.engine.core;
        let (answer, answered) = oneshot::channel();
        core.queue.push(Op::Read { room: self.room(name), read: read(answer) });
        match timeout(core.config.patience, answered).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(Error::unavailable("the engine is away")),
            Err(_) => Err(Error::unavailable("the engine does not answer")),
        }
    }
}

/// Gives the key back: other rooms may have it.
impl Drop for RoomsLink {
    fn drop(&mut self) {
        self.engine.core.release_key(&self.key);
    }
}

impl fmt::Debug for RoomsLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RoomsLink").field("key", &self.key).finish_non_exhaustive()
    }
}
