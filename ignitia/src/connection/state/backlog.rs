//! Backlog of a room's messages for one connection: those that wait for room in the send queue, and
//! a notice in place of those that were dropped.

use std::{
    collections::{HashSet, VecDeque},
    sync::Arc,
};

use serde_json::json;

use super::shared_frame::SharedFrame;

/// Action for a member whose send queue is full: the room's [`Overflow`](crate::rooms::Overflow),
/// resolved for one message. `limit` is the number of messages that may wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OverflowAction {
    /// Closes the member. For a slow one, messages wait only while it is sent what it missed when
    /// it was away.
    Close { limit: usize },
    /// Lets the message wait, and drops the oldest beyond the limit.
    DropOldest { limit: usize },
    /// Drops the message. For a slow member it waits only while that is sent what it missed when it
    /// was away.
    DropNewest { limit: usize },
    /// Lets the message wait in place of the one with the same key, and drops the oldest beyond the
    /// limit.
    Coalesce { limit: usize, key: u64 },
}

/// Most that may wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Allowance {
    pub(crate) messages: usize,
    pub(crate) bytes: usize,
}

impl Allowance {
    /// Returns three quarters of it.
    fn three_quarters(self) -> Self {
        Self { messages: self.messages - self.messages / 4, bytes: self.bytes - self.bytes / 4 }
    }
}

/// Member number for what is left of memberships that have ended. Numbers of members begin with 1.
const LEFT: u64 = 0;

/// Messages that one membership is still to be sent.
#[derive(Debug)]
pub(crate) struct Backlog {
    pub(crate) member: u64,
    room: Arc<str>,
    /// Notice for a client that has just entered. It is no message of the room.
    notice: Option<SharedFrame>,
    /// Messages that the member missed before it came back. They were promised, and count against
    /// no limit.
    recovered: VecDeque<SharedFrame>,
    waiting: VecDeque<BacklogEntry>,
    /// Number and bytes of the messages in `waiting`.
    messages: usize,
    bytes: usize,
    /// Action for this member once it is slow, as of the last message.
    on_overflow: OverflowAction,
}

#[derive(Debug)]
enum BacklogEntry {
    Message {
        key: Option<u64>,
        frame: SharedFrame,
    },
    /// Messages that are missing here; `None` if their number is not known.
    Missed(Option<u64>),
}

impl Backlog {
    pub(crate) fn new(member: u64, room: Arc<str>) -> Self {
        Self::of_entering(member, room, None, Vec::new())
    }

    /// Creates the backlog of a member that has just entered.
    pub(crate) fn of_entering(
        member: u64,
        room: Arc<str>,
        notice: Option<SharedFrame>,
        recovered: Vec<SharedFrame>,
    ) -> Self {
        Self {
            member,
            room,
            notice,
            recovered: recovered.into(),
            waiting: VecDeque::new(),
            messages: 0,
            bytes: 0,
            on_overflow: OverflowAction::DropNewest { limit: 0 },
        }
    }

    /// Returns the number of messages that may wait for a slow member.
    pub(crate) fn limit(&self, on_overflow: OverflowAction) -> usize {
        match on_overflow {
            OverflowAction::Close { limit } => limit,
            OverflowAction::DropNewest { .. } if self.recovered.is_empty() => 0,
            OverflowAction::DropNewest { limit } => limit,
            OverflowAction::DropOldest { limit } | OverflowAction::Coalesce { limit, .. } => limit.max(1),
        }
    }

    /// Adds a message, or drops some, so that no more wait than are allowed. Returns `false` if the
    /// member is to be closed instead. Where many are dropped, they are added to `given_up`: the
    /// caller frees them after the unlock.
    pub(crate) fn push(
        &mut self,
        frame: &SharedFrame,
        on_overflow: OverflowAction,
        allowed: Allowance,
        is_slow: bool,
        given_up: &mut Vec<SharedFrame>,
    ) -> bool {
        self.on_overflow = on_overflow;
        let fits =
            self.messages < allowed.messages && self.bytes.saturating_add(frame.len()) <= allowed.bytes;
        let key = match on_overflow {
            OverflowAction::Close { .. } if !fits => return false,
            OverflowAction::DropNewest { .. } if !fits => {
                self.note_missed(Some(1));
                return true;
            }
            OverflowAction::Coalesce { key, .. } => Some(key),
            _ => None,
        };
        // A member that keeps up is sent every message: only a slow one gets the newest of each
        // key.
        if is_slow && key.is_some() {
            self.replace(key);
        }
        self.waiting.push_back(BacklogEntry::Message { key, frame: frame.clone() });
        self.messages += 1;
        self.bytes += frame.len();
        if self.exceeds(allowed) && key.is_some() && !is_slow {
            // This looks at all messages that wait. Trimming to three quarters spares that for the
            // next ones.
            self.trim(allowed.three_quarters(), given_up);
        }
        while self.exceeds(allowed) {
            self.give_up_oldest();
        }
        true
    }

    pub(crate) fn exceeds(&self, allowed: Allowance) -> bool {
        self.messages > allowed.messages || self.bytes > allowed.bytes
    }

    /// Drops what exceeds the allowance, by the room's policy. Returns `false` if the member is to
    /// be closed instead.
    pub(crate) fn trim(&mut self, allowed: Allowance, given_up: &mut Vec<SharedFrame>) -> bool {
        match self.on_overflow {
            OverflowAction::Close { .. } => return !self.exceeds(allowed),
            OverflowAction::DropNewest { .. } => {
                let mut missed = Some(0);
                while self.exceeds(allowed) {
                    match self.waiting.pop_back() {
                        Some(BacklogEntry::Missed(earlier)) => missed = sum(missed, earlier),
                        Some(BacklogEntry::Message { frame, .. }) => {
                            missed = sum(missed, Some(1));
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
        while self.exceeds(allowed) {
            given_up.extend(self.give_up_oldest());
        }
        true
    }

    /// Notes that `more` messages are missing behind those that wait; `None` if their number is not
    /// known.
    pub(crate) fn note_missed(&mut self, more: Option<u64>) {
        match self.waiting.back_mut() {
            Some(BacklogEntry::Missed(missed)) => *missed = sum(*missed, more),
            _ if more != Some(0) => self.waiting.push_back(BacklogEntry::Missed(more)),
            _ => {}
        }
    }

    /// Subtracts a message from the totals.
    fn forget(&mut self, frame: &SharedFrame) {
        self.messages -= 1;
        self.bytes -= frame.len();
    }

    /// Removes the message that a newer one with the same key replaces.
    fn replace(&mut self, wanted: Option<u64>) {
        let same =
            |entry: &BacklogEntry| matches!(entry, BacklogEntry::Message { key, .. } if *key == wanted);
        if let Some(BacklogEntry::Message { frame, .. }) =
            self.waiting.iter().position(same).and_then(|place| self.waiting.remove(place))
        {
            self.forget(&frame);
        }
    }

    /// Removes all messages that newer ones with the same key replace.
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
        let mut missed = Some(1);
        let mut oldest = None;
        while let Some(entry) = self.waiting.pop_front() {
            match entry {
                BacklogEntry::Missed(earlier) => missed = sum(missed, earlier),
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

    /// Returns the number of messages that the member has not been sent, those included that it has
    /// not been told of; `None` if it is not known.
    pub(crate) fn missed(&self) -> Option<u64> {
        let missed = |entry: &BacklogEntry| match entry {
            BacklogEntry::Message { .. } => Some(1),
            BacklogEntry::Missed(missed) => *missed,
        };
        self.waiting.iter().map(missed).fold(Some(self.recovered.len() as u64), sum)
    }

    /// Turns a membership that ended while it lagged into the notice that its peer is still sent.
    pub(crate) fn into_left(self) -> Self {
        let missed = self.missed();
        let mut left = Self::new(LEFT, self.room);
        left.waiting.push_back(BacklogEntry::Missed(missed));
        left
    }

    /// Returns the action for this member once it is slow.
    pub(crate) fn on_overflow(&self) -> OverflowAction {
        self.on_overflow
    }

    /// Returns `true` if everything, missed messages included, fits into the allowance.
    pub(crate) fn is_within(&self, allowed: Allowance) -> bool {
        let recovered: usize = self.notice.iter().chain(&self.recovered).map(SharedFrame::len).sum();
        self.len() <= allowed.messages && self.bytes + recovered <= allowed.bytes
    }

    pub(crate) fn is_of_left(&self) -> bool {
        self.member == LEFT
    }

    /// Returns the number of live messages that wait.
    pub(crate) fn messages(&self) -> usize {
        self.messages
    }

    /// Returns the bytes of live messages that wait.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Adds the notice of another membership that has ended, if both are of the same room. Returns
    /// `true` then.
    pub(crate) fn absorb(&mut self, other: &Self) -> bool {
        let same = self.is_of_left() && self.room == other.room;
        if same && let Some(BacklogEntry::Missed(missed)) = self.waiting.front_mut() {
            *missed = sum(*missed, other.missed());
        }
        same
    }

    /// Returns the next frame to send.
    pub(crate) fn pop(&mut self) -> Option<SharedFrame> {
        if let Some(frame) = self.notice.take().or_else(|| self.recovered.pop_front()) {
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

    /// Returns the number of messages that wait.
    pub(crate) fn len(&self) -> usize {
        self.recovered.len() + self.messages
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.notice.is_none() && self.recovered.is_empty() && self.waiting.is_empty()
    }
}

/// Returns the sum of two numbers of messages. It is not known if one of them is not.
fn sum(some: Option<u64>, more: Option<u64>) -> Option<u64> {
    some?.checked_add(more?)
}

/// Encodes the notice `{"type":"$lagged","room":"lobby","missed":3}`.
fn lagged_notice(room: &str, missed: Option<u64>) -> SharedFrame {
    SharedFrame::text(json!({ "type": "$lagged", "room": room, "missed": missed }).to_string().as_bytes())
}
