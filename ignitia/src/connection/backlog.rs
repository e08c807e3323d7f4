//! What a connection still has to be sent of a room: messages that wait for their turn in the outbox, and how many were
//! given up, at the place where they are missing.

use std::{collections::VecDeque, sync::Arc};

use bytes::Bytes;
use serde_json::json;

use super::encoder::{BINARY, TEXT, encode};

/// A whole frame that was encoded once for many connections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SharedFrame(pub(super) Bytes);

impl SharedFrame {
    pub(crate) fn text(payload: &[u8]) -> Self {
        Self(encode(TEXT, payload))
    }

    pub(crate) fn binary(payload: &[u8]) -> Self {
        Self(encode(BINARY, payload))
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

/// What is done for a member whose outbox is full. Where messages wait, they are at most `limit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Full {
    /// It is closed. Messages wait only while it is sent what it missed when it was away.
    Close { limit: usize },
    /// The message waits; of too many the oldest is given up.
    DropOldest { limit: usize },
    /// The message is given up; it waits only while the member is sent what it missed when it was away.
    DropNewest { limit: usize },
    /// The message waits in place of the one with the same key; of too many the oldest is given up.
    Coalesce { limit: usize, key: u64 },
}

/// The member of what is left of memberships; numbers begin with 1.
const LEFT: u64 = 0;

/// What one membership still has to be sent.
#[derive(Debug)]
pub(super) struct Backlog {
    pub(super) member: u64,
    room: Arc<str>,
    /// What was missed before the member came back. It was promised, and counts against no limit.
    recovered: VecDeque<SharedFrame>,
    waiting: VecDeque<Entry>,
    /// Messages among `waiting`, and their bytes.
    messages: usize,
    bytes: usize,
}

#[derive(Debug)]
enum Entry {
    Message { key: Option<u64>, frame: SharedFrame },
    Missed(u64),
}

impl Backlog {
    pub(super) fn new(member: u64, room: Arc<str>, recovered: Vec<SharedFrame>) -> Self {
        Self { member, room, recovered: recovered.into(), waiting: VecDeque::new(), messages: 0, bytes: 0 }
    }

    /// Keeps a message, or gives some up, such that no more than `max_bytes` wait; `false` if neither may be.
    pub(super) fn push(&mut self, frame: &SharedFrame, full: Full, max_bytes: usize) -> bool {
        let (limit, key) = match full {
            Full::Close { limit } if self.has_room(limit, frame, max_bytes) => (limit, None),
            Full::Close { .. } => return false,
            Full::DropNewest { limit }
                if !self.recovered.is_empty() && self.has_room(limit, frame, max_bytes) =>
            {
                (limit, None)
            }
            Full::DropNewest { .. } => {
                match self.waiting.back_mut() {
                    Some(Entry::Missed(missed)) => *missed += 1,
                    _ => self.waiting.push_back(Entry::Missed(1)),
                }
                return true;
            }
            Full::DropOldest { limit } => (limit, None),
            Full::Coalesce { limit, key } => (limit, Some(key)),
        };
        if key.is_some() {
            self.replace(key);
        }
        self.waiting.push_back(Entry::Message { key, frame: frame.clone() });
        self.messages += 1;
        self.bytes += frame.len();
        while self.messages > limit.max(1) || self.bytes > max_bytes {
            self.give_up_oldest();
        }
        true
    }

    fn has_room(&self, limit: usize, frame: &SharedFrame, max_bytes: usize) -> bool {
        self.messages < limit && self.bytes.saturating_add(frame.len()) <= max_bytes
    }

    /// Takes out the message that a newer one with the same key stands for.
    fn replace(&mut self, wanted: Option<u64>) {
        let same = |entry: &Entry| matches!(entry, Entry::Message { key, .. } if *key == wanted);
        if let Some(Entry::Message { frame, .. }) =
            self.waiting.iter().position(same).and_then(|place| self.waiting.remove(place))
        {
            self.messages -= 1;
            self.bytes -= frame.len();
        }
    }

    fn give_up_oldest(&mut self) {
        let mut missed = 1;
        while let Some(entry) = self.waiting.pop_front() {
            match entry {
                Entry::Missed(earlier) => missed += earlier,
                Entry::Message { frame, .. } => {
                    self.messages -= 1;
                    self.bytes -= frame.len();
                    break;
                }
            }
        }
        self.waiting.push_front(Entry::Missed(missed));
    }

    /// How many it has not been sent, those included of which it has not been told.
    pub(super) fn missed(&self) -> u64 {
        let missed = |entry: &Entry| match entry {
            Entry::Message { .. } => 1,
            Entry::Missed(missed) => *missed,
        };
        self.recovered.len() as u64 + self.waiting.iter().map(missed).sum::<u64>()
    }

    /// What is left of memberships that were given up while they lagged: the peer is still told.
    pub(super) fn of_left(self) -> Self {
        let missed = self.missed();
        let mut left = Self::new(LEFT, self.room, Vec::new());
        left.waiting.push_back(Entry::Missed(missed));
        left
    }

    pub(super) fn is_of_left(&self) -> bool {
        self.member == LEFT
    }

    /// Bytes of live messages that wait.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether both are left of memberships of the same room.
    pub(super) fn takes(&mut self, other: &Self) -> bool {
        let same = self.is_of_left() && self.room == other.room;
        if same && let Some(Entry::Missed(missed)) = self.waiting.front_mut() {
            *missed += other.missed();
        }
        same
    }

    /// The next message to send.
    pub(super) fn pop(&mut self) -> Option<SharedFrame> {
        if let Some(frame) = self.recovered.pop_front() {
            return Some(frame);
        }
        match self.waiting.pop_front()? {
            Entry::Message { frame, .. } => {
                self.messages -= 1;
                self.bytes -= frame.len();
                Some(frame)
            }
            Entry::Missed(missed) => Some(notice(&self.room, missed)),
        }
    }

    /// Messages that wait.
    pub(super) fn len(&self) -> usize {
        self.recovered.len() + self.messages
    }

    pub(super) fn is_empty(&self) -> bool {
        self.recovered.is_empty() && self.waiting.is_empty()
    }
}

/// `{"type":"$lagged","room":"lobby","missed":3}`
fn notice(room: &str, missed: u64) -> SharedFrame {
    SharedFrame::text(json!({ "type": "$lagged", "room": room, "missed": missed }).to_string().as_bytes())
}
