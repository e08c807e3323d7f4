//! Batch of publications: one command, of which one at a time is on its way.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
    time::{Duration, Instant},
};

use redis::{Cmd, Script};

use super::{
    history_limits::HistoryLimits,
    item::{Item, StoredMember},
    keys::NodeKeys,
    op::{Publication, QueueShare, Target},
    place::Place,
    scripts::run,
    wire::encode_item,
};
use crate::error::Error;

/// Most publications of a batch, and their bytes. A single larger one is a batch of its own.
const MAX_PUBLICATIONS: usize = 256;
const MAX_BYTES: usize = 512 << 10;

/// Shortest time that a room is known without a message.
pub(super) const MIN_LIFE: Duration = Duration::from_secs(3_600);

/// Batch of publications.
pub(super) struct Batch {
    /// Number by which the server knows a batch that it has done.
    number: u64,
    publications: Vec<Publication>,
    bytes: usize,
    /// True if it was sent before, and not answered.
    may_be_done: bool,
    /// True if the server has refused it before.
    is_refused: bool,
    /// Time at which it was made.
    pub(super) since: Instant,
}

/// Part of a batch that is for one room.
struct RoomPart<'a> {
    key: &'a Arc<str>,
    /// Numbers of remembered, unremembered and presence items.
    counts: [u64; 3],
    items: Vec<u8>,
    /// Items that the history keeps, once there is another one.
    kept: Option<Vec<u8>>,
    history: Option<HistoryLimits>,
    changes: Vec<&'a Item>,
}

impl Batch {
    pub(super) fn new(number: u64) -> Self {
        Self {
            number,
            publications: Vec::new(),
            bytes: 0,
            may_be_done: false,
            is_refused: false,
            since: Instant::now(),
        }
    }

    /// Returns true if a publication of so many bytes may be added.
    pub(super) fn has_room(&self, bytes: usize) -> bool {
        let count = self.publications.len();
        count == 0 || (count < MAX_PUBLICATIONS && self.bytes + bytes <= MAX_BYTES)
    }

    pub(super) fn push(&mut self, publication: Publication) {
        self.bytes += publication.bytes;
        self.publications.push(publication);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.publications.is_empty()
    }

    /// Returns the command.
    pub(super) fn command(&self, script: &Script, keys: &NodeKeys, lease: &str, new_epoch: u32) -> Cmd {
        let mut command = run(script);
        command.arg(3).arg(&keys.last_batch).arg(&keys.leases).arg(&keys.rooms_of_lease);
        command.arg(self.number).arg(lease).arg(new_epoch);
        for part in self.parts() {
            part.write(&mut command);
        }
        command
    }

    /// Returns the parts of all rooms, in the order in which they appear.
    fn parts(&self) -> Vec<RoomPart<'_>> {
        let mut parts: Vec<RoomPart<'_>> = Vec::new();
        let mut places = HashMap::new();
        for Target { room, item, history } in self.targets() {
            let place = *places.entry(room).or_insert_with(|| {
                parts.push(RoomPart::new(room));
                parts.len() - 1
            });
            parts[place].add(item, *history);
        }
        parts
    }

    fn targets(&self) -> impl Iterator<Item = &Target> {
        self.publications.iter().flat_map(|publication| &publication.targets)
    }

    /// Returns the rooms whose members it changes.
    pub(super) fn rooms_of_presence(&self) -> impl Iterator<Item = &Arc<str>> {
        self.targets().filter(|target| target.item.is_presence()).map(|target| &target.room)
    }

    /// Hands the outcome to those who wait for it. `reply` has a line with the tag, then for each
    /// room its epoch, and its offset before the batch. Returns false if it has another form.
    pub(super) fn confirm(self, reply: &str) -> bool {
        let mut lines = reply.split('\n');
        let Some(tag) = lines.next().and_then(|tag| tag.parse().ok()) else { return false };
        let mut places: HashMap<Arc<str>, Place> = HashMap::new();
        for publication in self.publications {
            let mut first = None;
            for Target { room, item, .. } in publication.targets {
                let place = match places.entry(room) {
                    Entry::Occupied(known) => known.into_mut(),
                    Entry::Vacant(new) => {
                        let place = lines.next().and_then(|line| {
                            let (epoch, offset) = line.split_once(' ')?;
                            Some(Place { epoch: epoch.parse().ok()?, offset: offset.parse().ok()?, tag })
                        });
                        let Some(place) = place else { return false };
                        new.insert(place)
                    }
                };
                place.offset += u64::from(item.is_remembered());
                first.get_or_insert(*place);
            }
            if let (Some(done), Some(place)) = (publication.done, first) {
                // The caller may have gone.
                let _ = done.send(Ok(place));
            }
        }
        true
    }

    /// Records that its outcome is lost: it may have been done.
    pub(super) fn lose_outcome(&mut self) {
        self.may_be_done = true;
    }

    pub(super) fn is_refused(&self) -> bool {
        self.is_refused
    }

    /// Tells callers that the server refuses to write, and returns the share of their publications.
    /// The others stay, to be tried again; so do all if they may have been done before.
    pub(super) fn refuse(&mut self, text: &str) -> QueueShare {
        self.is_refused = true;
        if self.may_be_done {
            return QueueShare::default();
        }
        let told: Vec<Publication> =
            self.publications.extract_if(.., |publication| publication.done.is_some()).collect();
        let released = told.iter().map(Publication::share).sum();
        fail(told, text);
        released
    }

    /// Fails the whole batch.
    pub(super) fn reject(self, text: &str) -> Vec<Target> {
        let mut presence = Vec::new();
        let mut publications = self.publications;
        for publication in &mut publications {
            presence.extend(publication.targets.extract_if(.., |target| target.item.is_presence()));
        }
        fail(publications, text);
        presence
    }

    /// Returns the share of the queue's limits that it has.
    pub(super) fn share(&self) -> QueueShare {
        self.publications.iter().map(Publication::share).sum()
    }
}

fn fail(publications: Vec<Publication>, text: &str) {
    for done in publications.into_iter().filter_map(|publication| publication.done) {
        let _ = done.send(Err(Error::unavailable(format!("the engine refuses the message: {text}"))));
    }
}

impl<'a> RoomPart<'a> {
    fn new(key: &'a Arc<str>) -> Self {
        Self { key, counts: [0; 3], items: Vec::new(), kept: None, history: None, changes: Vec::new() }
    }

    fn add(&mut self, item: &'a Item, history: Option<HistoryLimits>) {
        self.history = self.history.or(history);
        let start = self.items.len();
        encode_item(item, &mut self.items);
        if item.is_remembered() {
            self.counts[0] += 1;
            if let Some(kept) = &mut self.kept {
                kept.extend_from_slice(&self.items[start..]);
            }
            return;
        }
        self.kept.get_or_insert_with(|| self.items[..start].to_vec());
        if item.is_presence() {
            self.counts[2] += 1;
            self.changes.push(item);
        } else {
            self.counts[1] += 1;
        }
    }

    fn write(&self, command: &mut Cmd) {
        let Self { key, counts, items, kept, history, changes } = self;
        command.arg(&***key).arg(counts).arg(items);
        match kept {
            _ if counts[0] == 0 => command.arg(""),
            None => command.arg("="),
            Some(kept) => command.arg(kept),
        };
        let limits = history.unwrap_or(HistoryLimits { messages: 0, bytes: 0, age: MIN_LIFE });
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX >> 16);
        let life = MIN_LIFE.max(limits.age.saturating_mul(2));
        command.arg(limits.messages).arg(limits.bytes).arg(millis(limits.age)).arg(millis(life));
        command.arg(changes.len());
        for change in changes {
            match change {
                Item::Joined(StoredMember { id, encoded }) | Item::Changed(StoredMember { id, encoded }) => {
                    command.arg("set").arg(*id).arg(&encoded[..]);
                }
                Item::Left { member } => {
                    command.arg("del").arg(*member).arg("");
                }
                Item::NodeMembers { members, .. } => {
                    command.arg("all").arg(members.len());
                    for StoredMember { id, encoded } in members {
                        command.arg(*id).arg(&encoded[..]);
                    }
                }
                // The others are no changes of members.
                _ => {}
            }
        }
    }
}
