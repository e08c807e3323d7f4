//! Engine in memory that hands on only when the test says so.

use std::{
    collections::{BTreeMap, VecDeque},
    future::ready,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use crate::{
    engine::{
        FeedEvent, FeedReceiver, Item, Missed, Outage, Place, PublishOptions, PublishedMessage,
        RememberedMessage, Since, StoredMember,
    },
    error::{Error, Result},
    rooms::remote::EngineLink,
};

/// Name of the room that stands for what concerns all rooms.
const COMMON: &str = "\0common";

#[derive(Default)]
pub(super) struct FakeEngine(Mutex<FakeState>);

#[derive(Default)]
struct FakeState {
    rooms: BTreeMap<String, FakeRoom>,
    last_feed: u64,
    reads: usize,
    is_away: bool,
}

#[derive(Default)]
struct FakeRoom {
    place: Option<Place>,
    history: VecDeque<RememberedMessage>,
    members: BTreeMap<u64, StoredMember>,
    order: Vec<(Option<Place>, Item)>,
    feeds: Vec<FakeFeed>,
}

struct FakeFeed {
    node: u32,
    number: u64,
    receiver: Weak<dyn FeedReceiver>,
    /// Number of the next thing; `None` before the begin.
    next: Option<usize>,
}

impl FakeEngine {
    pub(super) fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Returns the link of a node.
    pub(super) fn link(self: &Arc<Self>, node: u32) -> Arc<dyn EngineLink> {
        Arc::new(FakeLink { engine: self.clone(), node })
    }

    fn lock(&self) -> MutexGuard<'_, FakeState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers no questions, and takes no messages, or does so again.
    pub(super) fn set_away(&self, is_away: bool) {
        self.lock().is_away = is_away;
    }

    /// Returns the number of questions so far.
    pub(super) fn reads(&self) -> usize {
        self.lock().reads
    }

    /// Returns the number of open feeds.
    pub(super) fn feeds(&self) -> usize {
        self.lock().rooms.values().map(|room| room.feeds.len()).sum()
    }

    /// Forgets the oldest messages of a history.
    pub(super) fn forget(&self, room: &str, messages: usize) {
        self.lock().rooms.get_mut(room).unwrap().history.drain(..messages);
    }

    /// Hands everything to all nodes.
    pub(super) fn run(&self) {
        while self.step(|_| true) {}
    }

    /// Hands everything to one node.
    pub(super) fn run_node(&self, node: u32) {
        while self.step(|feed| feed.node == node) {}
    }

    fn step(&self, is_meant: impl Fn(&FakeFeed) -> bool) -> bool {
        let mut next = None;
        for room in self.lock().rooms.values_mut() {
            let place = room.place();
            let FakeRoom { members, order, feeds, .. } = room;
            for feed in feeds.iter_mut().filter(|feed| is_meant(feed)) {
                match feed.next {
                    None => {
                        feed.next = Some(order.len());
                        let members = members.values().cloned().collect();
                        let begin = FeedEvent::Restarted { at: place, missed: Missed::Nothing };
                        next = Some((feed.receiver.clone(), vec![begin, FeedEvent::Members(members)]));
                    }
                    Some(at) if at < order.len() => {
                        feed.next = Some(at + 1);
                        let (place, item) = order[at].clone();
                        next = Some((feed.receiver.clone(), vec![FeedEvent::Item { place, item }]));
                    }
                    Some(_) => continue,
                }
                break;
            }
            if next.is_some() {
                break;
            }
        }
        let Some((receiver, events)) = next else { return false };
        if let Some(receiver) = receiver.upgrade() {
            events.into_iter().for_each(|event| receiver.receive(event));
        }
        true
    }

    /// Tells a node's feed of a room something.
    pub(super) fn tell(&self, node: u32, room: &str, event: FeedEvent) {
        let receiver = {
            let state = self.lock();
            let mut feeds = state.rooms[room].feeds.iter();
            feeds.find(|feed| feed.node == node).unwrap().receiver.upgrade().unwrap()
        };
        receiver.receive(event);
    }

    /// Returns the members here that a node's feed tells of.
    pub(super) fn local_members(&self, node: u32, room: &str) -> Vec<StoredMember> {
        let state = self.lock();
        let feed = state.rooms[room].feeds.iter().find(|feed| feed.node == node).unwrap();
        let receiver = feed.receiver.upgrade().unwrap();
        drop(state);
        receiver.local_members()
    }

    /// Returns the keys of the messages to a room.
    pub(super) fn coalesce_keys(&self, room: &str) -> Vec<Option<u64>> {
        let state = self.lock();
        let key = |(_, item): &(Option<Place>, Item)| match item {
            Item::Message { message, .. } => Some(message.coalesce_key),
            _ => None,
        };
        state.rooms[room].order.iter().filter_map(key).collect()
    }

    fn publish(&self, room: &str, item: Item) -> Place {
        self.lock().rooms.entry(room.to_owned()).or_default().publish(item)
    }
}

impl FakeRoom {
    fn place(&mut self) -> Place {
        *self.place.get_or_insert(Place { epoch: 7, offset: 0, tag: 0 })
    }

    fn publish(&mut self, item: Item) -> Place {
        let mut place = self.place();
        match &item {
            Item::Joined(member) | Item::Changed(member) => {
                self.members.insert(member.id, member.clone());
            }
            Item::Left { member } => {
                self.members.remove(member);
            }
            Item::Message { is_remembered: true, message } => {
                place = Place { offset: place.offset + 1, tag: (1 << 40) + 1_000 * place.offset, ..place };
                self.place = Some(place);
                self.history.push_back(RememberedMessage { place, message: message.clone() });
            }
            _ => {}
        }
        self.order.push((item.is_remembered().then_some(place), item));
        place
    }

    fn since(&mut self, from: Place) -> Since {
        let place = self.place();
        let is_seen = |one: &RememberedMessage| {
            one.place.offset == from.offset && one.place.tag as u32 == from.tag as u32
        };
        let start = match self.history.iter().position(is_seen) {
            Some(at) => at + 1,
            None if from.offset == 0 && self.history.front().is_none_or(|first| first.place.offset == 1) => 0,
            None => return Since::Lost,
        };
        if from.epoch != place.epoch {
            return Since::Lost;
        }
        Since::Messages(self.history.range(start..).cloned().collect())
    }
}

struct FakeLink {
    engine: Arc<FakeEngine>,
    node: u32,
}

impl FakeLink {
    fn check(&self) -> Result<()> {
        if self.engine.lock().is_away { Err(Error::unavailable("away")) } else { Ok(()) }
    }

    fn open_room(&self, name: &str, receiver: Weak<dyn FeedReceiver>) -> u64 {
        let mut state = self.engine.lock();
        state.last_feed += 1;
        let number = state.last_feed;
        let room = state.rooms.entry(name.to_owned()).or_default();
        room.feeds.push(FakeFeed { node: self.node, number, receiver, next: None });
        number
    }

    fn read<'a, T: Send + 'a>(
        &self,
        name: &str,
        read: impl FnOnce(&mut FakeRoom) -> T,
    ) -> Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>> {
        let outcome = self.check().map(|()| {
            let mut state = self.engine.lock();
            state.reads += 1;
            read(state.rooms.entry(name.to_owned()).or_default())
        });
        Box::pin(ready(outcome))
    }
}

impl EngineLink for FakeLink {
    fn node(&self) -> u32 {
        self.node
    }

    fn hash_seed(&self) -> u64 {
        5
    }

    fn open(&self, name: &str, _: bool, receiver: Weak<dyn FeedReceiver>) -> u64 {
        self.open_room(name, receiver)
    }

    fn open_common(&self, receiver: Weak<dyn FeedReceiver>) -> u64 {
        self.open_room(COMMON, receiver)
    }

    fn close(&self, name: &str, feed: u64) {
        let mut state = self.engine.lock();
        state.rooms.get_mut(name).unwrap().feeds.retain(|open| open.number != feed);
    }

    fn close_common(&self, feed: u64) {
        self.close(COMMON, feed);
    }

    fn publish(&self, name: &str, item: Item, _: PublishOptions) -> Result<()> {
        self.check()?;
        self.engine.publish(name, item);
        Ok(())
    }

    fn publish_confirmed<'a>(
        &'a self,
        name: &'a str,
        item: Item,
        _: PublishOptions,
    ) -> Pin<Box<dyn Future<Output = Result<Place>> + Send + 'a>> {
        Box::pin(ready(self.check().map(|()| self.engine.publish(name, item))))
    }

    fn publish_group(&self, group: Vec<(Arc<str>, Item, PublishOptions)>) -> Result<()> {
        self.check()?;
        for (name, item, _) in group {
            self.engine.publish(&name, item);
        }
        Ok(())
    }

    fn publish_common(&self, item: Item, _: Outage) -> Result<()> {
        self.check()?;
        self.engine.publish(COMMON, item);
        Ok(())
    }

    fn publish_presence(&self, name: &str, item: Item) {
        self.engine.publish(name, item);
    }

    fn since<'a>(
        &'a self,
        name: &'a str,
        from: Place,
    ) -> Pin<Box<dyn Future<Output = Result<Since>> + Send + 'a>> {
        self.read(name, |room| room.since(from))
    }

    fn before<'a>(
        &'a self,
        name: &'a str,
        end: Option<Place>,
        messages: usize,
    ) -> Pin<Box<dyn Future<Output = Result<Vec<RememberedMessage>>> + Send + 'a>> {
        self.read(name, |room| {
            let is_before = |one: &&RememberedMessage| end.is_none_or(|end| one.place.offset < end.offset);
            let found: Vec<_> = room.history.iter().filter(is_before).cloned().collect();
            found[found.len() - messages.min(found.len())..].to_vec()
        })
    }

    fn members<'a>(
        &'a self,
        name: &'a str,
    ) -> Pin<Box<dyn Future<Output = Result<Vec<StoredMember>>> + Send + 'a>> {
        self.read(name, |room| room.members.values().cloned().collect())
    }
}

/// Returns a message for all members, as another program would publish it.
pub(super) fn published(text: &str) -> PublishedMessage {
    PublishedMessage {
        is_binary: false,
        is_uncompressed: false,
        coalesce_key: None,
        except: None,
        rooms: Vec::new(),
        payload: text.to_owned().into(),
    }
}
