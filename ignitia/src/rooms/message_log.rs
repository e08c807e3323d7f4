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
    epoch: u64,
    /// Number of the newest message; 0 before the first.
    newest: u64,
    recent: VecDeque<(Instant, SharedFrame)>,
    bytes: usize,
    /// Time at which the last member left.
    empty_since: Option<Instant>,
    /// True if a client knows a position before the first message.
    is_shown: bool,
}

impl MessageLog {
    pub(super) fn new(limits: History, epoch: u64) -> Self {
        Self {
            limits,
            epoch,
            newest: 0,
            recent: VecDeque::new(),
            bytes: 0,
            empty_since: None,
            is_shown: false,
        }
    }

    /// Returns the position of the newest message.
    pub(super) fn position(&self) -> Position {
        Position { epoch: self.epoch, offset: self.newest }
    }

    /// Returns the position that the next message will have.
    pub(super) fn next_position(&self) -> Position {
        Position { epoch: self.epoch, offset: self.newest + 1 }
    }

    /// Appends a message.
    pub(super) fn push(&mut self, frame: SharedFrame, now: Instant) {
        self.newest += 1;
        self.bytes += frame.size();
        self.recent.push_back((now, frame));
        self.evict(now);
    }

    /// Returns the messages after a position; `None` if some of them are forgotten, or the position
    /// is of another life of the room.
    pub(super) fn since(&mut self, position: Position, now: Instant) -> Option<Vec<SharedFrame>> {
        self.evict(now);
        let missed = self.newest.checked_sub(position.offset).filter(|_| position.epoch == self.epoch)?;
        let missed = usize::try_from(missed).ok().filter(|missed| *missed <= self.recent.len())?;
        let first = self.recent.len() - missed;
        Some(self.recent.range(first..).map(|(_, frame)| frame.clone()).collect())
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
        let end = match position {
            None => self.newest + 1,
            Some(position) if position.epoch == self.epoch => position.offset.min(self.newest + 1),
            Some(_) => return Vec::new(),
        };
        let first = self.newest + 1 - self.recent.len() as u64;
        let known = usize::try_from(end.saturating_sub(first)).unwrap_or(usize::MAX).min(self.recent.len());
        let from = known - messages.min(known);
        let epoch = self.epoch;
        let numbered = self.recent.range(from..known).zip(first + from as u64..);
        numbered.map(|((_, frame), offset)| (Position { epoch, offset }, frame.clone())).collect()
    }

    /// Returns the position of the newest message, for a client, which may come back to it.
    pub(super) fn show_position(&mut self) -> Position {
        self.is_shown = true;
        self.position()
    }

    /// Records that the last member has left. A client that knows a position may come back, if only
    /// to learn that there were no more messages.
    pub(super) fn mark_empty(&mut self, now: Instant) {
        self.empty_since = (self.newest > 0 || self.is_shown).then_some(now);
    }

    /// Returns the time until which there is a reason to come back; `None` if there is none.
    pub(super) fn kept_until(&mut self, now: Instant) -> Option<Instant> {
        self.evict(now);
        let last = self.recent.back().map(|(at, _)| *at).max(self.empty_since)?;
        Some(after(last, self.limits.age)).filter(|until| *until > now)
    }

    /// Returns true if there was ever a message.
    pub(super) fn had_messages(&self) -> bool {
        self.newest > 0
    }

    /// Returns the bytes of the remembered messages.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Forgets all messages.
    pub(super) fn clear(&mut self) {
        self.recent = VecDeque::new();
        self.bytes = 0;
        self.empty_since = None;
    }

    /// Forgets the messages beyond the limits.
    fn evict(&mut self, now: Instant) {
        while let Some((at, frame)) = self.recent.front()
            && (self.recent.len() > self.limits.messages
                || self.bytes > self.limits.bytes
                || now - *at >= self.limits.age)
        {
            self.bytes -= frame.size();
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
        let epoch = log.epoch;
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
}
