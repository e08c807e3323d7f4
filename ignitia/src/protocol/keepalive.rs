//! Keepalive: pings, and the verdict on a peer that does not answer them (a half-open connection).

use std::time::Duration;

use crate::time::{Instant, after, own_stall};

/// Pings a peer that has sent nothing, and one that was sent nothing: proxies cut off a direction
/// that is silent, whatever goes the other way.
#[derive(Debug)]
pub(crate) struct Keepalive {
    /// Time of the last bytes sent.
    sent: Instant,
    state: PeerState,
}

/// Times of a route's keepalive.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KeepaliveTimes {
    /// Silence after which the peer is pinged; `None`: never.
    pub(crate) interval: Option<Duration>,
    /// Time that it has to answer.
    pub(crate) pong_timeout: Duration,
}

#[derive(Debug)]
enum PeerState {
    /// The peer sent something at that time.
    Quiet(Instant),
    /// The peer was pinged. It must send something, of any kind, before the deadline.
    Pinged { deadline: Instant },
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum KeepaliveAction {
    /// Check again at that time; `None`: never.
    Wait(Option<Instant>),
    Ping,
    Dead,
}

impl Keepalive {
    pub(crate) fn new(now: Instant) -> Self {
        Self { sent: now, state: PeerState::Quiet(now) }
    }

    /// Notes that the peer has sent something, of any kind; or that nothing was read, so that
    /// silence proves nothing.
    pub(crate) fn heard(&mut self, now: Instant) {
        self.state = PeerState::Quiet(now);
    }

    /// Notes that bytes were sent to the peer at that time.
    pub(crate) fn sent(&mut self, at: Instant) {
        self.sent = self.sent.max(at);
    }

    /// Returns the action for a peer that is not read, so that its silence proves nothing. It is
    /// pinged all the same: if it is gone, writing fails.
    pub(crate) fn check_unheard(&mut self, times: KeepaliveTimes, now: Instant) -> KeepaliveAction {
        let since = match self.state {
            PeerState::Quiet(since) => since,
            PeerState::Pinged { .. } => now,
        };
        let due = times.interval.map(|interval| after(since.min(self.sent), interval));
        let is_due = due.is_some_and(|due| now >= due);
        self.state = PeerState::Quiet(if is_due { now } else { since });
        if is_due {
            self.sent = now;
            KeepaliveAction::Ping
        } else {
            KeepaliveAction::Wait(due)
        }
    }

    /// Notes that the peer takes bytes, behind which our ping may still be queued: its time to
    /// answer starts over.
    pub(crate) fn progress(&mut self, times: KeepaliveTimes, now: Instant) {
        if let PeerState::Pinged { deadline } = &mut self.state {
            *deadline = after(now, times.pong_timeout);
        }
    }

    /// Returns `true` if the peer was pinged and has sent nothing since.
    pub(crate) fn awaits_answer(&self) -> bool {
        matches!(self.state, PeerState::Pinged { .. })
    }

    /// Returns the action that is due now. [`KeepaliveAction::Ping`] and [`KeepaliveAction::Wait`]
    /// move the clock. Read from the peer first.
    pub(crate) fn check(&mut self, times: KeepaliveTimes, now: Instant) -> KeepaliveAction {
        let Some(interval) = times.interval else { return KeepaliveAction::Wait(None) };
        match self.state {
            PeerState::Quiet(since) => {
                let due = after(since.min(self.sent), interval);
                if now < due {
                    return KeepaliveAction::Wait(Some(due));
                }
                self.sent = now;
                // A peer that is pinged because of our own silence is allowed as much silence as
                // without that ping.
                let silent = now.max(after(since, interval));
                self.state = PeerState::Pinged { deadline: after(silent, times.pong_timeout) };
                KeepaliveAction::Ping
            }
            PeerState::Pinged { deadline } if now < deadline => KeepaliveAction::Wait(Some(deadline)),
            PeerState::Pinged { deadline } if own_stall(deadline, now).is_some() => {
                let deadline = after(now, times.pong_timeout);
                self.state = PeerState::Pinged { deadline };
                KeepaliveAction::Wait(Some(deadline))
            }
            PeerState::Pinged { .. } => KeepaliveAction::Dead,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::now;

    const SECOND: Duration = Duration::from_secs(1);

    /// A keepalive with its times.
    struct Clock {
        keepalive: Keepalive,
        times: KeepaliveTimes,
    }

    impl Clock {
        fn check(&mut self, now: Instant) -> KeepaliveAction {
            self.keepalive.check(self.times, now)
        }

        fn check_unheard(&mut self, now: Instant) -> KeepaliveAction {
            self.keepalive.check_unheard(self.times, now)
        }

        fn heard(&mut self, now: Instant) {
            self.keepalive.heard(now);
        }

        fn sent(&mut self, at: Instant) {
            self.keepalive.sent(at);
        }
    }

    fn clock() -> (Clock, Instant) {
        let now = now();
        let times = KeepaliveTimes { interval: Some(25 * SECOND), pong_timeout: 20 * SECOND };
        (Clock { keepalive: Keepalive::new(now), times }, now)
    }

    #[test]
    fn a_silent_peer_is_pinged_and_then_given_up() {
        let (mut clock, start) = clock();
        assert_eq!(clock.check(start + 24 * SECOND), KeepaliveAction::Wait(Some(start + 25 * SECOND)));
        assert_eq!(clock.check(start + 25 * SECOND), KeepaliveAction::Ping);
        assert_eq!(clock.check(start + 44 * SECOND), KeepaliveAction::Wait(Some(start + 45 * SECOND)));
        assert_eq!(clock.check(start + 45 * SECOND), KeepaliveAction::Dead);
    }

    #[test]
    fn any_byte_is_life() {
        let (mut clock, start) = clock();
        assert_eq!(clock.check(start + 25 * SECOND), KeepaliveAction::Ping);
        clock.heard(start + 44 * SECOND);
        clock.sent(start + 44 * SECOND);
        assert_eq!(clock.check(start + 45 * SECOND), KeepaliveAction::Wait(Some(start + 69 * SECOND)));
    }

    #[test]
    fn a_stall_of_our_own_kills_nobody() {
        let (mut clock, start) = clock();
        assert_eq!(clock.check(start + 25 * SECOND), KeepaliveAction::Ping);
        // The process was frozen: the peer gets another full timeout.
        assert_eq!(clock.check(start + 90 * SECOND), KeepaliveAction::Wait(Some(start + 110 * SECOND)));
        assert_eq!(clock.check(start + 110 * SECOND), KeepaliveAction::Dead);
    }

    #[test]
    fn a_peer_that_is_not_read_is_pinged_and_never_given_up() {
        let (mut clock, start) = clock();
        assert_eq!(clock.check(start + 25 * SECOND), KeepaliveAction::Ping);
        // Its timeout ends where reading stops.
        let full = start + 44 * SECOND;
        clock.sent(full);
        assert_eq!(clock.check_unheard(full), KeepaliveAction::Wait(Some(full + 25 * SECOND)));
        for round in 1..=10 {
            let now = full + round * 25 * SECOND;
            assert_eq!(clock.check_unheard(now), KeepaliveAction::Ping);
            assert_eq!(clock.check_unheard(now), KeepaliveAction::Wait(Some(now + 25 * SECOND)));
        }
        // Read again, it has a full timeout to answer.
        let read = full + 275 * SECOND;
        assert_eq!(clock.check(read), KeepaliveAction::Ping);
        assert_eq!(clock.check(read), KeepaliveAction::Wait(Some(read + 20 * SECOND)));
    }

    #[test]
    fn a_peer_that_only_sends_is_pinged_too() {
        let (mut clock, start) = clock();
        for second in 1..25 {
            clock.heard(start + second * SECOND);
            assert_eq!(
                clock.check(start + second * SECOND),
                KeepaliveAction::Wait(Some(start + 25 * SECOND))
            );
        }
        assert_eq!(clock.check(start + 25 * SECOND), KeepaliveAction::Ping);
        assert_eq!(clock.check(start + 26 * SECOND), KeepaliveAction::Wait(Some(start + 69 * SECOND)));
        clock.heard(start + 26 * SECOND);
        assert_eq!(clock.check(start + 26 * SECOND), KeepaliveAction::Wait(Some(start + 50 * SECOND)));
        clock.heard(start + 40 * SECOND);
        clock.sent(start + 40 * SECOND);
        assert_eq!(clock.check(start + 50 * SECOND), KeepaliveAction::Wait(Some(start + 65 * SECOND)));
    }

    #[test]
    fn switched_off() {
        let now = now();
        let times = KeepaliveTimes { interval: None, pong_timeout: SECOND };
        let mut keepalive = Keepalive::new(now);
        assert_eq!(keepalive.check(times, now + 1_000 * SECOND), KeepaliveAction::Wait(None));
        assert_eq!(keepalive.check_unheard(times, now + 2_000 * SECOND), KeepaliveAction::Wait(None));
    }
}
