//! What a connection still has to be sent of a room: messages that wait for their turn in the outbox, and how many were
//! given up, at the place where they are missing.

use std::{
    collections::{HashSet, VecDeque},
    sync::Arc,
};

use serde_json::json;

use super::shared_frame::SharedFrame;

/// What is done for a member whose outbox is full. Where messages wait, they are at most `limit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OverflowAction {
    /// It is closed. Of one that is slow, messages wait only while it is sent what it missed when it was away.
    Close { limit: usize },
    /// The message waits; of too many the oldest is given up.
    DropOldest { limit: usize },
    /// The message is given up; for one that is slow it waits only while it is sent what it missed when it was away.
    DropNewest { limit: usize },
    /// The message waits in place of the one with the same key; of too many the oldest is given up.
    Coalesce { limit: usize, key: u64 },
}

/// How much may wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Allowance {
    pub(crate) messages: usize,
    pub(crate) bytes: usize,
}

impl Allowance {
    /// Three quarters of it.
    fn three_quarters(self) -> Self {
        Self { messages: self.messages - self.messages / 4, bytes: self.bytes - self.bytes / 4 }
    }
}

/// The member of what is left of memberships; numbers begin with 1.
const LEFT: u64 = 0;

/// What one membership still has to be sent.
#[derive(Debug)]
pub(crate) struct Backlog {
    pub(crate) member: u64,
    room: Arc<str>,
    /// What was missed before the member came back. It was promised, and counts against no limit.
    recovered: VecDeque<SharedFrame>,
    waiting: VecDeque<BacklogEntry>,
    /// Messages among `waiting`, and their bytes.
    messages: usize,
    bytes: usize,
    /// What is done for this member once it is slow, as the last message had it.
    full: OverflowAction,
}

#[derive(Debug)]
enum BacklogEntry {
    Message { key: Option<u64>, frame: SharedFrame },
    Missed(u64),
}

impl Backlog {
    pub(crate) fn new(member: u64, room: Arc<str>, recovered: Vec<SharedFrame>) -> Self {
        Self {
            member,
            room,
            recovered: recovered.into(),
            waiting: VecDeque::new(),
            messages: 0,
            bytes: 0,
            full: OverflowAction::DropNewest { limit: 0 },
        }
    }

    /// Messages that may wait for a member that is slow.
    pub(crate) fn limit(&self, full: OverflowAction) -> usize {
        match full {
            OverflowAction::Close { limit } => limit,
            OverflowAction::DropNewest { .. } if self.recovered.is_empty() => 0,
            OverflowAction::DropNewest { limit } => limit,
            OverflowAction::DropOldest { limit } | OverflowAction::Coalesce { limit, .. } => limit.max(1),
        }
    }

    /// Keeps a message, or gives some up, such that no more wait than are allowed; `false` if neither may be.
    pub(crate) fn push(
        &mut self,
        frame: &SharedFrame,
        full: OverflowAction,
        allowed: Allowance,
        is_slow: bool,
        given_up: &mut Vec<SharedFrame>,
    ) -> bool {
        self.full = full;
        let fits =
            self.messages < allowed.messages && self.bytes.saturating_add(frame.len()) <= allowed.bytes;
        let key = match full {
            OverflowAction::Close { .. } if !fits => return false,
            OverflowAction::DropNewest { .. } if !fits => {
                self.note_missed(1);
                return true;
            }
            OverflowAction::Coalesce { key, .. } => Some(key),
            _ => None,
        };
        // As long as it keeps up it is sent all of them.
        if is_slow && key.is_some() {
            self.replace(key);
        }
        self.waiting.push_back(BacklogEntry::Message { key, frame: frame.clone() });
        self.messages += 1;
        self.bytes += frame.len();
        if self.is_over(allowed) && key.is_some() && !is_slow {
            // It takes a look at all that waits: not for every message.
            self.trim(allowed.three_quarters(), given_up);
        }
        while self.is_over(allowed) {
            self.give_up_oldest();
        }
        true
    }

    pub(crate) fn is_over(&self, allowed: Allowance) -> bool {
        self.messages > allowed.messages || self.bytes > allowed.bytes
    }

    /// Gives up what is too much, as the room has it; `false` if the member is to be closed instead.
    pub(crate) fn trim(&mut self, allowed: Allowance, given_up: &mut Vec<SharedFrame>) -> bool {
        match self.full {
            OverflowAction::Close { .. } => return !self.is_over(allowed),
            OverflowAction::DropNewest { .. } => {
                let mut missed = 0;
                while self.is_over(allowed) {
                    match self.waiting.pop_back() {
                        Some(BacklogEntry::Missed(earlier)) => missed += earlier,
                        Some(BacklogEntry::Message { frame, .. }) => {
                            missed += 1;
                            self.forget(&frame);
                            given_up.push(frame);
                        }
                        None => break,
                    }
                }
                self.note_missed(missed);
            }
            OverflowAction::DropOldest { .. } => {}
            OverflowAction::Coalesce { .. } => self.keep_newest_of_each_key(given_up),
        }
        while self.is_over(allowed) {
            given_up.extend(self.give_up_oldest());
        }
        true
    }

    /// So many are missing behind what waits.
    fn note_missed(&mut self, more: u64) {
        match self.waiting.back_mut() {
            Some(BacklogEntry::Missed(missed)) => *missed += more,
            _ if more > 0 => self.waiting.push_back(BacklogEntry::Missed(more)),
            _ => {}
        }
    }

    /// A message does not wait any more.
    fn forget(&mut self, frame: &SharedFrame) {
        self.messages -= 1;
        self.bytes -= frame.len();
    }

    /// Takes out the message that a newer one with the same key stands for.
    fn replace(&mut self, wanted: Option<u64>) {
        let same =
            |entry: &BacklogEntry| matches!(entry, BacklogEntry::Message { key, .. } if *key == wanted);
        if let Some(BacklogEntry::Message { frame, .. }) =
            self.waiting.iter().position(same).and_then(|place| self.waiting.remove(place))
        {
            self.forget(&frame);
        }
    }

    /// The same for all of them.
    fn keep_newest_of_each_key(&mut self, given_up: &mut Vec<SharedFrame>) {
        let mut seen = HashSet::new();
        let mut kept = VecDeque::new();
        while let Some(entry) = self.waiting.pop_back() {
            match entry {
                BacklogEntry::Message { key: Some(key), frame } if !seen.insert(key) => {
                    self.forget(&frame);
                    given_up.push(frame);
                }
                entry => kept.push_front(entry),
            }
        }
        self.waiting = kept;
    }

    fn give_up_oldest(&mut self) -> Option<SharedFrame> {
        let mut missed = 1;
        let mut oldest = None;
        while let Some(entry) = self.waiting.pop_front() {
            match entry {
                BacklogEntry::Missed(earlier) => missed += earlier,
                BacklogEntry::Message { frame, .. } => {
                    self.forget(&frame);
                    oldest = Some(frame);
                    break;
                }
            }
        }
        self.waiting.push_front(BacklogEntry::Missed(missed));
        oldest
    }

    /// How many it has not been sent, those included of which it has not been told.
    pub(crate) fn missed(&self) -> u64 {
        let missed = |entry: &BacklogEntry| match entry {
            BacklogEntry::Message { .. } => 1,
            BacklogEntry::Missed(missed) => *missed,
        };
        self.recovered.len() as u64 + self.waiting.iter().map(missed).sum::<u64>()
    }

    /// What is left of memberships that were given up while they lagged: the peer is still told.
    pub(crate) fn into_left(self) -> Self {
        let missed = self.missed();
        let mut left = Self::new(LEFT, self.room, Vec::new());
        left.waiting.push_back(BacklogEntry::Missed(missed));
        left
    }

    /// What is done for this member once it is slow.
    pub(crate) fn full(&self) -> OverflowAction {
        self.full
    }

    /// Whether all of it, what was missed before included, is no more than that.
    pub(crate) fn is_within(&self, allowed: Allowance) -> bool {
        let recovered: usize = self.recovered.iter().map(SharedFrame::len).sum();
        self.len() <= allowed.messages && self.bytes + recovered <= allowed.bytes
    }

    pub(crate) fn is_of_left(&self) -> bool {
        self.member == LEFT
    }

    /// Live messages that wait.
    pub(crate) fn messages(&self) -> usize {
        self.messages
    }

    /// Bytes of live messages that wait.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether both are left of memberships of the same room.
    pub(crate) fn absorb(&mut self, other: &Self) -> bool {
        let same = self.is_of_left() && self.room == other.room;
        if same && let Some(BacklogEntry::Missed(missed)) = self.waiting.front_mut() {
            *missed += other.missed();
        }
        same
    }

    /// The next message to send.
    pub(crate) fn pop(&mut self) -> Option<SharedFrame> {
        if let Some(frame) = self.recovered.pop_front() {
            return Some(frame);
        }
        match self.waiting.pop_front()? {
            BacklogEntry::Message { frame, .. } => {
                self.forget(&frame);
                Some(frame)
            }
            BacklogEntry::Missed(missed) => Some(lagged_notice(&self.room, missed)),
        }
    }

    /// Messages that wait.
    pub(crate) fn len(&self) -> usize {
        self.recovered.len() + self.messages
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.recovered.is_empty() && self.waiting.is_empty()
    }
}

/// `{"type":"$lagged","room":"lobby","missed":3}`
fn lagged_notice(room: &str, missed: u64) -> SharedFrame {
    SharedFrame::text(json!({ "type": "$lagged", "room": room, "missed": missed }).to_string().as_bytes())
}
