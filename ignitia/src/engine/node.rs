//! State of this node that outlives its connections: the feeds of its rooms, and what it is still
//! to publish.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use super::{
    batch::Batch,
    engine_core::EngineCore,
    feed::RoomFeed,
    item::Item,
    keys::NodeKeys,
    lease::Lease,
    local_presence::PresenceWork,
    op::{Op, OpenFeed, Publication, QueueShare, Read},
    scripts::Scripts,
};

/// State of this node that outlives its connections.
pub(super) struct Node {
    pub(super) core: Arc<EngineCore>,
    pub(super) keys: NodeKeys,
    pub(super) scripts: Arc<Scripts>,
    pub(super) feeds: HashMap<Arc<str>, RoomFeed>,
    pending: VecDeque<Pending>,
    /// Batch whose outcome is not known.
    pub(super) in_flight: Option<Batch>,
    last_batch: u64,
    /// Number of the last heartbeat.
    pub(super) beats: u64,
    lease: Lease,
}

/// Thing that waits to be published.
enum Pending {
    Publication(Publication),
    /// Change of the members here, with its number in the room's feed.
    Change {
        room: Arc<str>,
        feed: u64,
        number: u64,
        item: Item,
    },
    /// List of all members here, as they are when it is published.
    Members {
        room: Arc<str>,
    },
    /// Room of whose members here the engine may know others than those of now.
    Stale {
        room: Arc<str>,
    },
}

impl Pending {
    /// Returns the bytes that it adds to a batch. A list is made only when it is published, and may
    /// exceed the limit.
    fn bytes(&self) -> usize {
        match self {
            Self::Publication(publication) => publication.bytes,
            Self::Change { item, .. } => item.size(),
            Self::Members { .. } | Self::Stale { .. } => 0,
        }
    }
}

/// Effect of work on the subscriptions of a session.
#[derive(Default)]
pub(super) struct Absorbed {
    pub(super) opened: Vec<Arc<str>>,
    pub(super) closed: Vec<Arc<str>>,
    pub(super) reads: Vec<(Arc<str>, Read)>,
}

impl Node {
    pub(super) fn new(core: Arc<EngineCore>, keys: NodeKeys, scripts: Arc<Scripts>, lease: Lease) -> Self {
        // A number that no process before this one with the same node's number can have used.
        let last_batch = uuid::Uuid::new_v4().as_u64_pair().0 >> 16;
        Self {
            core,
            keys,
            scripts,
            feeds: HashMap::new(),
            pending: VecDeque::new(),
            in_flight: None,
            last_batch,
            beats: 0,
            lease,
        }
    }

    /// Returns the node's lease.
    pub(super) fn lease(&self) -> Lease {
        self.lease
    }

    /// Takes a new lease: the engine knows none of this node's members any more.
    pub(super) fn renew_lease(&mut self) {
        self.lease = self.lease.next();
        for feed in self.feeds.values_mut() {
            feed.presence.set_dirty();
        }
    }

    /// Takes all work from the queue.
    pub(super) fn absorb(&mut self) -> Absorbed {
        let mut absorbed = Absorbed::default();
        for op in self.core.queue.take() {
            match op {
                Op::Open(open) => self.open(open, &mut absorbed),
                Op::Close { room, feed } => self.close(room, feed, &mut absorbed),
                Op::Publish(publication) => self.pending.push_back(Pending::Publication(publication)),
                Op::Presence { room, item } => self.change_presence(room, item),
                Op::Read { room, read } => absorbed.reads.push((room, read)),
            }
        }
        absorbed
    }

    fn open(&mut self, open: OpenFeed, absorbed: &mut Absorbed) {
        let room = open.room.clone();
        let before = self.feeds.insert(room.clone(), RoomFeed::new(open));
        if let Some(before) = before {
            self.end_feed(&room, before);
        }
        absorbed.opened.push(room);
    }

    fn close(&mut self, room: Arc<str>, number: u64, absorbed: &mut Absorbed) {
        if self.feeds.get(&room).is_none_or(|feed| feed.number != number) {
            return;
        }
        if let Some(feed) = self.feeds.remove(&room) {
            self.end_feed(&room, feed);
        }
        absorbed.closed.push(room);
    }

    fn end_feed(&mut self, room: &Arc<str>, feed: RoomFeed) {
        self.pending.extend(feed.parked.into_iter().map(Pending::Publication));
        if feed.presence.may_be_stale() {
            self.pending.push_back(Pending::Stale { room: room.clone() });
        }
    }

    /// Publishes a change of the members here, or all of them as soon as the room is heard.
    fn change_presence(&mut self, room: Arc<str>, item: Item) {
        let Some(feed) = self.feeds.get_mut(&room) else {
            self.pending.push_back(Pending::Publication(Publication::presence(room, item)));
            return;
        };
        match feed.presence.add(feed.is_live()) {
            PresenceWork::Change(number) => {
                let feed = feed.number;
                self.pending.push_back(Pending::Change { room, feed, number, item });
            }
            PresenceWork::List => self.pending.push_back(Pending::Members { room }),
            PresenceWork::Nothing => {}
        }
    }

    /// Records that a room is heard: what waited for that is published, the members here first.
    pub(super) fn go_live(&mut self, room: &Arc<str>) {
        let Some(feed) = self.feeds.get_mut(room) else { return };
        while let Some(publication) = feed.parked.pop_back() {
            self.pending.push_front(Pending::Publication(publication));
        }
        if feed.presence.start_list() {
            self.pending.push_front(Pending::Members { room: room.clone() });
        }
    }

    /// Publishes the members of rooms that the engine does not know, as far as those are heard.
    pub(super) fn publish_dirty_presence(&mut self) {
        let is_dirty = |(room, feed): (&Arc<str>, &RoomFeed)| {
            (feed.presence.is_dirty() && feed.is_live()).then(|| room.clone())
        };
        let dirty: Vec<Arc<str>> = self.feeds.iter().filter_map(is_dirty).collect();
        dirty.iter().for_each(|room| self.go_live(room));
    }

    /// Makes the next batch of what can be published. Publications to a room that is not heard
    /// wait: the members here would miss them.
    pub(super) fn fill_batch(&mut self) -> bool {
        if self.in_flight.is_some() {
            return true;
        }
        let mut batch = Batch::new(self.last_batch + 1);
        while let Some(next) = self.pending.pop_front() {
            if !batch.has_room(next.bytes()) {
                self.pending.push_front(next);
                break;
            }
            let publication = match next {
                Pending::Publication(publication) => publication,
                Pending::Change { room, feed, number, item } => match self.take_change(&room, feed, number) {
                    true => Publication::presence(room, item),
                    false => continue,
                },
                Pending::Members { room } => match self.take_members(&room) {
                    Some(members) => Publication::presence(room, members),
                    None => continue,
                },
                Pending::Stale { room } => match self.take_stale(&room) {
                    Some(members) => Publication::presence(room, members),
                    None => continue,
                },
            };
            let is_waiting = publication.targets.iter().any(|target| self.is_waiting(&target.room));
            // What goes to several rooms at once keeps its place before all that follows.
            if is_waiting && publication.targets.len() > 1 {
                self.pending.push_front(Pending::Publication(publication));
                break;
            }
            if is_waiting {
                self.park(publication);
            } else {
                batch.push(publication);
            }
        }
        if batch.is_empty() {
            return false;
        }
        self.last_batch += 1;
        self.in_flight = Some(batch);
        true
    }

    /// Takes a change of the members from those that wait. Returns false if a list stands for it.
    fn take_change(&mut self, room: &Arc<str>, number_of_feed: u64, number: u64) -> bool {
        let Some(feed) = self.feeds.get_mut(room).filter(|feed| feed.number == number_of_feed) else {
            return true;
        };
        feed.presence.take_change(number)
    }

    /// Takes the list of all members here; `None` if the room is not heard, or not any more.
    fn take_members(&mut self, room: &Arc<str>) -> Option<Item> {
        let feed = self.feeds.get_mut(room)?;
        if !feed.presence.take_list(feed.is_live()) {
            return None;
        }
        let members = feed.receiver().map(|receiver| receiver.local_members()).unwrap_or_default();
        Some(Item::NodeMembers { node: self.core.node, members })
    }

    /// Takes the list of no members, if the room has no feed; otherwise those of now are listed,
    /// behind all that is to be published.
    fn take_stale(&mut self, room: &Arc<str>) -> Option<Item> {
        let Some(feed) = self.feeds.get_mut(room) else {
            return Some(Item::NodeMembers { node: self.core.node, members: Vec::new() });
        };
        feed.presence.inherit_change();
        if feed.is_live() && feed.presence.start_list() {
            self.pending.push_back(Pending::Members { room: room.clone() });
        }
        None
    }

    fn is_waiting(&self, room: &Arc<str>) -> bool {
        self.feeds.get(room).is_some_and(|feed| !feed.is_live())
    }

    fn park(&mut self, publication: Publication) {
        let Some(target) = publication.targets.first() else { return };
        let is_presence = target.item.is_presence();
        let Some(feed) = self.feeds.get_mut(&target.room) else { return };
        if is_presence {
            feed.presence.inherit_change();
        } else {
            feed.parked.push_back(publication);
        }
    }

    /// Hands out the outcome of the batch.
    pub(super) fn confirm_batch(&mut self, reply: &str) -> bool {
        let Some(batch) = self.in_flight.take() else { return true };
        let released = batch.share();
        let elapsed = batch.since.elapsed();
        self.release(released);
        self.core.metrics.published(released.messages, elapsed);
        batch.confirm(reply)
    }

    /// Tells those who wait that the server refuses to write. The rest of the batch is tried again.
    /// The script may have been stopped in its midst, and is not done twice: the members in the
    /// batch are listed anew.
    pub(super) fn refuse_batch(&mut self, text: &str) {
        let Some(mut batch) = self.in_flight.take() else { return };
        if !batch.is_refused() {
            let rooms = batch.rooms_of_presence().cloned();
            self.pending.extend(rooms.map(|room| Pending::Stale { room }));
        }
        let released = batch.refuse(text);
        self.release(released);
        if !batch.is_empty() {
            self.in_flight = Some(batch);
        }
    }

    /// Fails the batch, which the server cannot do.
    pub(super) fn reject_batch(&mut self, text: &str) {
        let Some(batch) = self.in_flight.take() else { return };
        let released = batch.share();
        self.release(released);
        for target in batch.reject(text) {
            if let Some(feed) = self.feeds.get_mut(&target.room) {
                feed.presence.inherit_change();
            }
        }
    }

    fn release(&self, share: QueueShare) {
        self.core.queue.release(share);
    }

    /// Returns true if nothing is left to publish.
    pub(super) fn is_flushed(&self) -> bool {
        self.pending.is_empty() && self.in_flight.is_none()
    }

    /// Records that the connection is gone.
    pub(super) fn disconnect(&mut self) {
        self.feeds.values_mut().for_each(RoomFeed::disconnect);
        if let Some(batch) = &mut self.in_flight {
            batch.lose_outcome();
        }
    }

    /// Returns a number for the life of a room that begins.
    pub(super) fn new_epoch() -> u32 {
        // Never 0: that is no life.
        (uuid::Uuid::new_v4().as_u128() as u32).max(1)
    }
}

/// Returns a secret number that all nodes share, if they have none yet.
pub(super) fn new_seed() -> u64 {
    uuid::Uuid::new_v4().as_u64_pair().0 >> 1
}
