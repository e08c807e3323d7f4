use std::time::Duration;

use crate::time::Instant;

/// Time between two peeks.
const INTERVAL: Duration = Duration::from_secs(1);

/// Schedule of peeks at input that the handler leaves unread. It is read slowly, so that control
/// frames in it are still seen.
#[derive(Debug, Default)]
pub(super) struct Peek {
    /// Time of the next peek: there may be unread input.
    next: Option<Instant>,
    /// Time of the last peek that found no more input. The transport wakes the task when there is
    /// some.
    dry: Option<Instant>,
    /// Time since which so much is unread that nothing more is read.
    at_limit: Option<Instant>,
}

/// Amount of input that the handler has left unread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UnreadInput {
    /// So little that reading goes on.
    Little,
    /// Unknown: this was no time to peek.
    NotPeeked,
    /// All that has arrived: the transport has no more.
    Dry,
    /// So much that nothing more may be read.
    AtLimit,
}

impl Peek {
    /// Returns `true` once the next peek is due.
    pub(super) fn is_due(&self, now: Instant) -> bool {
        self.next.is_some_and(|next| now >= next)
    }

    /// Returns `true` while input is left unread.
    pub(super) fn is_active(&self) -> bool {
        self.next.or(self.dry).or(self.at_limit).is_some()
    }

    pub(super) fn note(&mut self, unread: UnreadInput, now: Instant) {
        *self = match unread {
            UnreadInput::Little => Self::default(),
            UnreadInput::NotPeeked => {
                let next = self.next.unwrap_or_else(|| now.max(self.dry.unwrap_or(now) + INTERVAL));
                Self { next: Some(next), ..Self::default() }
            }
            UnreadInput::Dry => Self { dry: Some(now), ..Self::default() },
            UnreadInput::AtLimit => Self { at_limit: Some(self.at_limit.unwrap_or(now)), ..Self::default() },
        };
    }

    /// Returns the time of the next peek, if one is scheduled.
    pub(super) fn next(&self) -> Option<Instant> {
        self.next
    }

    /// Returns the time since which nothing more is read.
    pub(super) fn at_limit(&self) -> Option<Instant> {
        self.at_limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::now;

    #[test]
    fn a_look_a_second_while_something_comes() {
        let start = now();
        let at = |seconds: f64| start + Duration::from_secs_f64(seconds);
        let mut peek = Peek::default();
        peek.note(UnreadInput::NotPeeked, start);
        assert!(!peek.is_due(at(0.5)) && peek.is_due(at(1.0)));
        peek.note(UnreadInput::NotPeeked, at(0.5));
        assert_eq!(peek.next(), Some(at(1.0)), "it is not put off");
        peek.note(UnreadInput::Dry, at(1.0));
        assert_eq!(peek.next(), None, "the transport wakes us");
        peek.note(UnreadInput::NotPeeked, at(1.5));
        assert_eq!(peek.next(), Some(at(2.0)));
        peek.note(UnreadInput::Dry, at(2.0));
        peek.note(UnreadInput::NotPeeked, at(60.0));
        assert!(peek.is_due(at(60.0)));
    }

    #[test]
    fn none_once_there_is_too_much() {
        let start = now();
        let mut peek = Peek::default();
        peek.note(UnreadInput::NotPeeked, start);
        peek.note(UnreadInput::AtLimit, start + INTERVAL);
        peek.note(UnreadInput::AtLimit, start + 2 * INTERVAL);
        assert_eq!((peek.next(), peek.at_limit()), (None, Some(start + INTERVAL)));
        peek.note(UnreadInput::Little, start + 3 * INTERVAL);
        assert!(!peek.is_active());
    }
}
