//! Log of the messages that a room remembers.

use std::collections::VecDeque;

use super::{history_config::History, position::Position};
use crate::{
    connection::SharedFrame,
    time::{Instant, after},
};

/// Messages of one life of a room, numbered from 1.
#[derive(Debug)]
pub(super) struct MessageLog {
    limits: History,
    /// Position of the newest message; the number is 0 before the first.
    newest: Position,
    /// Epoch of the position before the first message of `recent`.
    base_epoch: u64,
    /// The newest messages, without a gap between their numbers.
    recent: VecDeque<LogEntry>,
    bytes: usize,
    /// Time at which the last member left.
    empty_since: Option<Instant>,
    /// True if a client knows a position before the first message.
    is_shown: bool,
}

/// Message of a log.
#[derive(Debug)]
struct LogEntry {
    at: Instant,
    /// Epoch of its position. The number follows from its place in the log.
    epoch: u64,
    frame: SharedFrame,
}

impl MessageLog {
    pub(super) fn new(limits: History, epoch: u64) -> Self {
        Self {
            limits,
            newest: Position { epoch, offset: 0 },
            base_epoch: epoch,
            recent: VecDeque::new(),
            bytes: 0,
            empty_since: None,
            is_shown: false,
        }
    }

    /// Returns the position of the newest message.
    pub(super) fn position(&self) -> Position {
        self.newest
    }

    /// Returns the position that the next message will have in memory.
    pub(super) fn next_position(&self) -> Position {
        Position { offset: self.newest.offset + 1, ..self.newest }
    }

    /// Appends the message that has the next position.
    pub(super) fn push(&mut self, frame: SharedFrame, now: Instant) {
        self.push_at(self.next_position(), frame, now);
    }

    /// Appends a message whose position the engine has given. It follows the newest one.
    pub(super) fn push_at(&mut self, position: Position, frame: SharedFrame, now: Instant) {
        self.newest = position;
        self.bytes += frame.size();
        self.recent.push_back(LogEntry { at: now, epoch: position.epoch, frame });
        self.evict(now);
    }

    /// Returns the messages after a position; `None` if some of them are forgotten, or the position
    /// is none of this room's.
    pub(super) fn since(&mut self, position: Position, now: Instant) -> Option<Vec<SharedFrame>> {
        self.evict(now);
        if self.known_epoch(position.offset) != Some(position.epoch) {
            return None;
        }
        let missed = usize::try_from(self.newest.offset - position.offset).ok()?;
        let first = self.recent.len().checked_sub(missed)?;
        Some(self.recent.range(first..).map(|entry| entry.frame.clone()).collect())
    }

    /// Goes on behind a position of the engine's, with nothing before it.
    #[cfg(feature = "redis")]
    pub(super) fn restart(&mut self, position: Position) {
        self.newest = position;
        self.clear();
    }

    /// Returns the position before the first message of `recent`.
    #[cfg(feature = "redis")]
    pub(super) fn base(&self) -> Position {
        Position { epoch: self.base_epoch, offset: self.base_offset() }
    }

    /// Returns the most messages that it holds.
    #[cfg(feature = "redis")]
    pub(super) fn max_messages(&self) -> usize {
        self.limits.messages
    }

    /// Puts messages of the engine's history in front, the oldest of which follows `base`. They are
    /// left out as far as they do not adjoin, or do not fit into the limits. Their age counts from
    /// now: the engine has held them to the limit before.
    #[cfg(feature = "redis")]
    pub(super) fn prepend(&mut self, base: Position, older: &[(Position, SharedFrame)], now: Instant) {
        let own_base = self.base();
        let count = older.iter().take_while(|(at, _)| at.offset <= own_base.offset).count();
        let older = &older[..count];
        if older.last().is_none_or(|(last, _)| *last != own_base) {
            return;
        }
        let at = self.recent.front().map_or(now, |entry| entry.at.min(now));
        for (index, (position, frame)) in older.iter().enumerate().rev() {
            let bytes = self.bytes + frame.size();
            if self.recent.len() >= self.limits.messages || bytes > self.limits.bytes {
                break;
            }
            self.bytes = bytes;
            self.recent.push_front(LogEntry { at, epoch: position.epoch, frame: frame.clone() });
            self.base_epoch = index.checked_sub(1).map_or(base, |before| older[before].0).epoch;
        }
    }

    /// Returns the epoch of the position with this number, as far as messages are remembered.
    fn known_epoch(&self, offset: u64) -> Option<u64> {
        let from_base = usize::try_from(offset.checked_sub(self.base_offset())?).ok()?;
        match from_base.checked_sub(1) {
            None => Some(self.base_epoch),
            Some(index) => self.recent.get(index).map(|entry| entry.epoch),
        }
    }

    /// Returns the number of the position before the first message of `recent`.
    fn base_offset(&self) -> u64 {
        self.newest.offset - self.recent.len() as u64
    }

    /// Returns the last messages before a position, the oldest first; without a position, the
    /// newest. There are none before a position of another life of the room.
    pub(super) fn before(
        &mut self,
        position: Option<Position>,
        messages: usize,
        now: Instant,
    ) -> Vec<(Position, SharedFrame)> {
        self.evict(now);
        let is_ours = |position: Position| {
            position.life() == self.newest.life()
                && self.known_epoch(position.offset).is_none_or(|epoch| epoch == position.epoch)
        };
        let end = match position {
            None => self.newest.offset + 1,
            Some(position) if is_ours(position) => position.offset.min(self.newest.offset + 1),
            Some(_) => return Vec::new(),
        };
        let first = self.base_offset() + 1;
        let known = usize::try_from(end.saturating_sub(first)).unwrap_or(usize::MAX).min(self.recent.len());
        let from = known - messages.min(known);
        let numbered = self.recent.range(from..known).zip(first + from as u64..);
        let at = |(entry, offset): (&LogEntry, u64)| {
            (Position { epoch: entry.epoch, offset }, entry.frame.clone())
        };
        numbered.map(at).collect()
    }

    /// Returns the position of the newest message, for a client, which may come back to it.
    pub(super) fn show_position(&mut self) -> Position {
        self.is_shown = true;
        self.position()
    }

    /// Records that the last member has left. A client that knows a position may come back, if only
    /// to learn that there were no more messages.
    pub(super) fn mark_empty(&mut self, now: Instant) {
        self.empty_since = (self.newest.offset > 0 || self.is_shown).then_some(now);
    }

    /// Returns the time until which there is a reason to come back; `None` if there is none.
    pub(super) fn kept_until(&mut self, now: Instant) -> Option<Instant> {
        self.evict(now);
        let last = self.recent.back().map(|entry| entry.at).max(self.empty_since)?;
        Some(after(last, self.limits.age)).filter(|until| *until > now)
    }

    /// Returns true if there was ever a message.
    pub(super) fn had_messages(&self) -> bool {
        self.newest.offset > 0
    }

    /// Returns the bytes of the remembered messages.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Forgets all messages.
    pub(super) fn clear(&mut self) {
        self.recent = VecDeque::new();
        self.base_epoch = self.newest.epoch;
        self.bytes = 0;
        self.empty_since = None;
    }

    /// Forgets the messages beyond the limits.
    fn evict(&mut self, now: Instant) {
        while let Some(LogEntry { at, epoch, frame }) = self.recent.front()
            && (self.recent.len() > self.limits.messages
                || self.bytes > self.limits.bytes
                || now - *at >= self.limits.age)
        {
            self.bytes -= frame.size();
            self.base_epoch = *epoch;
            self.recent.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::time::now;

    fn frame(n: u8) -> SharedFrame {
        SharedFrame::text(&[b'0' + n])
    }

    fn since(log: &mut MessageLog, offset: u64, now: Instant) -> Option<usize> {
        let epoch = log.position().epoch;
        log.since(Position { epoch, offset }, now).map(|missed| missed.len())
    }

    #[test]
    fn whoever_comes_back_gets_what_came_after() {
        let now = now();
        let mut log = MessageLog::new(History::default(), 7);
        assert_eq!(since(&mut log, 0, now), Some(0));
        for n in 0..5 {
            log.push(frame(n), now);
        }
        let missed = log.since(Position { epoch: 7, offset: 3 }, now).expect("all of it is there");
        assert_eq!(missed, [frame(3), frame(4)]);
        assert_eq!(since(&mut log, 5, now), Some(0));
        assert_eq!(since(&mut log, 6, now), None, "that is yet to come");
        assert!(log.since(Position { epoch: 8, offset: 3 }, now).is_none(), "that was another life");
    }

    #[test]
    fn never_a_hole() {
        let now = now();
        let mut log = MessageLog::new(History::default().messages(3), 7);
        for n in 0..5 {
            log.push(frame(n), now);
        }
        assert_eq!(since(&mut log, 2, now), Some(3));
        assert_eq!(since(&mut log, 1, now), None);
        let later = now + Duration::from_secs(300);
        assert_eq!(since(&mut log, 4, later), None);
        assert_eq!(since(&mut log, 5, later), Some(0));
        assert_eq!(log.kept_until(later), None);
        let mut log = MessageLog::new(History::default().bytes(7), 7);
        for n in 0..5 {
            log.push(frame(n), now);
        }
        assert_eq!(since(&mut log, 3, now), Some(2));
        assert_eq!(since(&mut log, 2, now), None, "three bytes each");
    }

    /// Returns a position of the engine's, each with a tag of its own.
    #[cfg(feature = "redis")]
    fn at(offset: u64) -> Position {
        Position { epoch: 7 << 32 | (offset * 10), offset }
    }

    #[cfg(feature = "redis")]
    #[test]
    fn a_position_counts_with_its_tag() {
        let now = now();
        let mut log = MessageLog::new(History::default().messages(2), 0);
        log.restart(at(4));
        for n in 5..=7 {
            log.push_at(at(n), frame(n as u8), now);
        }
        assert_eq!(log.since(at(6), now).map(|missed| missed.len()), Some(1));
        assert_eq!(log.since(at(5), now).map(|missed| missed.len()), Some(2), "before the first");
        assert_eq!(log.since(at(4), now), None);
        let other = |offset| Position { epoch: at(offset).epoch + 1, offset };
        assert_eq!([5, 6, 7].map(|offset| log.since(other(offset), now)), [None, None, None]);
        let offsets = |found: Vec<(Position, SharedFrame)>| {
            found
                .into_iter()
                .map(|(position, _)| (position.epoch as u32, position.offset))
                .collect::<Vec<_>>()
        };
        assert_eq!(offsets(log.before(None, 9, now)), [(60, 6), (70, 7)]);
        assert_eq!(offsets(log.before(Some(at(7)), 9, now)), [(60, 6)]);
        assert_eq!(offsets(log.before(Some(other(7)), 9, now)), []);
        log.restart(at(9));
        assert_eq!(log.since(at(9), now), Some(vec![]));
        assert_eq!(log.since(at(7), now), None);
    }

    #[cfg(feature = "redis")]
    #[test]
    fn older_messages_go_in_front_as_far_as_they_adjoin_and_fit() {
        let now = now();
        let older = |range: std::ops::RangeInclusive<u64>| -> Vec<(Position, SharedFrame)> {
            range.map(|n| (at(n), frame(n as u8))).collect()
        };
        let log = |limits| {
            let mut log = MessageLog::new(limits, 0);
            log.restart(at(5));
            log.push_at(at(6), frame(6), now);
            log
        };
        let since = |log: &mut MessageLog, offset| log.since(at(offset), now);
        let mut whole = log(History::default());
        whole.prepend(at(2), &older(3..=6), now);
        assert_eq!(since(&mut whole, 2), Some([3, 4, 5, 6].map(frame).to_vec()));
        assert_eq!(since(&mut whole, 1), None);
        whole.prepend(at(1), &older(2..=2), now);
        assert_eq!(since(&mut whole, 1).map(|missed| missed.len()), Some(5));

        let mut apart = log(History::default());
        apart.prepend(at(1), &older(2..=4), now);
        assert_eq!(since(&mut apart, 1), None, "the fifth is missing");
        assert_eq!(since(&mut apart, 5).map(|missed| missed.len()), Some(1));

        for limits in [History::default().messages(3), History::default().bytes(9)] {
            let mut few = log(limits);
            few.prepend(at(1), &older(2..=5), now);
            assert_eq!(since(&mut few, 3), Some([4, 5, 6].map(frame).to_vec()));
            assert_eq!(since(&mut few, 2), None);
            few.push_at(at(7), frame(7), now);
            assert_eq!(since(&mut few, 4), Some([5, 6, 7].map(frame).to_vec()));
        }
    }
}
