use std::time::{Duration, Instant};

/// Time between two looks.
const INTERVAL: Duration = Duration::from_secs(1);

/// Looks at input that the handler leaves unread: it is read slowly then, for the control frames that come in it.
#[derive(Debug, Default)]
pub(super) struct Peek {
    /// When the next look is due: something may be there.
    next: Option<Instant>,
    /// When the last look found the transport dry. It wakes the task when there is more.
    dry: Option<Instant>,
    /// Since when so much is unread that nothing more is looked at.
    at_limit: Option<Instant>,
}

/// What came of reading while the handler leaves messages unread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UnreadInput {
    /// It has taken so many that reading goes on.
    Little,
    /// Nothing was looked at.
    NotPeeked,
    /// There was nothing more to read.
    Dry,
    /// There is so much that nothing more may be read.
    AtLimit,
}

impl Peek {
    /// Whether it is time to look.
    pub(super) fn is_due(&self, now: Instant) -> bool {
        self.next.is_some_and(|next| now >= next)
    }

    /// Whether looks are under way.
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

    /// When the next look is due, if one is.
    pub(super) fn next(&self) -> Option<Instant> {
        self.next
    }

    /// Since when nothing more is looked at.
    pub(super) fn at_limit(&self) -> Option<Instant> {
        self.at_limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_a_second_while_something_comes() {
        let start = Instant::now();
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
        let start = Instant::now();
        let mut peek = Peek::default();
        peek.note(UnreadInput::NotPeeked, start);
        peek.note(UnreadInput::AtLimit, start + INTERVAL);
        peek.note(UnreadInput::AtLimit, start + 2 * INTERVAL);
        assert_eq!((peek.next(), peek.at_limit()), (None, Some(start + INTERVAL)));
        peek.note(UnreadInput::Little, start + 3 * INTERVAL);
        assert!(!peek.is_active());
    }
}
