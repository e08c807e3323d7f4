//! The connection task: one task that runs the handler and the transport, from the 101 to the last byte.

mod handler_outcome;
mod io;
mod rate_limit;
mod running_handler;
#[cfg(not(shuttle))]
mod transport;
#[cfg(shuttle)]
#[path = "../../../models/src/transport.rs"]
mod transport;

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, Waker},
    time::Instant,
};

#[cfg(shuttle)]
use bytes::Bytes;
use hyper::upgrade::OnUpgrade;

use self::io::{Link, Turn};
#[cfg(not(shuttle))]
use self::transport::Transport;
#[cfg(shuttle)]
pub(crate) use self::transport::{Pipe, Served, Transport};
pub(crate) use self::{
    handler_outcome::{refuses, sendable, take_failure},
    running_handler::{Ending, HandlerFuture, Session, caught},
};
use super::state::{Calls, Courtesy, Shared};
use crate::{
    close::CloseKind,
    limits::Permit,
    shutdown::{Drained, Stage as Shutdown, Watch},
    stream::Cut,
    time::{Alarm, OWN_STALL, after, now},
};

/// Rounds in one poll, after which other tasks get their turn: one in which messages come in, one in which they are
/// handled. More of them make others wait for a peer that floods.
const ROUNDS: usize = 2;

#[derive(Debug)]
#[repr(C)]
pub(crate) struct ConnectionTask {
    /// Everything but the handler is polled with it.
    link_waker: Waker,
    life: Life,
}

/// A connection from the 101 to the last byte. In the order of use, as [`Link`] is.
#[derive(Debug)]
#[repr(C)]
struct Life {
    shared: Arc<Shared>,
    stage: Stage,
    drain: Drain,
    alarm: Alarm,
    shutdown: Watch,
    handler_waker: Waker,
    session: Session,
    /// Its place among the WebSockets that there may be.
    permit: Option<Permit>,
    since: Instant,
}

#[derive(Debug)]
enum Stage {
    /// The 101 is on its way; it has until then.
    Switching(OnUpgrade, Instant, Option<Cut>),
    Open(Box<Link>),
    /// The connection is over; the transport is kept for a moment, so that what was written last arrives.
    Lingering(Box<Lingering>),
    Gone,
}

#[derive(Debug)]
struct Lingering {
    transport: Transport,
    until: Instant,
}

/// Whether a drain closes this connection, and when.
#[derive(Debug, Clone, Copy)]
enum Drain {
    Off,
    At(Instant),
    Done,
}

/// What is next.
enum Round {
    /// The connection has entered another stage, which is no reason to let others go first.
    Advanced,
    Again,
    Rest,
    Done,
}

impl ConnectionTask {
    pub(crate) fn new(
        shared: Arc<Shared>,
        session: Session,
        upgrade: OnUpgrade,
        shutdown: Watch,
        permit: Option<Permit>,
    ) -> Self {
        let until = after(now(), shared.config.handshake_timeout);
        let stage = Stage::Switching(upgrade, until, Cut::here());
        Self::at(stage, shared, session, shutdown, permit)
    }

    fn at(
        stage: Stage,
        shared: Arc<Shared>,
        session: Session,
        shutdown: Watch,
        permit: Option<Permit>,
    ) -> Self {
        let (handler_waker, link_waker) = (shared.handler_waker(), shared.link_waker());
        let (drain, alarm, since) = (Drain::Off, Alarm::default(), shared.observer.opened());
        let life = Life { shared, stage, drain, alarm, shutdown, handler_waker, session, permit, since };
        Self { link_waker, life }
    }
}

#[cfg(shuttle)]
impl ConnectionTask {
    pub(crate) fn over(transport: Transport, shared: Arc<Shared>, session: Session, shutdown: Watch) -> Self {
        let link = Link::new(transport, Bytes::new(), &shared, None, now());
        shared.with(|state, deferred| state.open(deferred));
        Self::at(Stage::Open(Box::new(link)), shared, session, shutdown, None)
    }
}

impl Life {
    /// Polls the handler, then the transport, as far as there is a call for it.
    fn round(&mut self, mut calls: Calls, now: Instant, hurry: bool, cx: &mut Context<'_>) -> Round {
        if calls.link {
            match self.shutdown.poll(cx) {
                Shutdown::Open => {}
                Shutdown::Draining => self.drain(now),
                Shutdown::Aborting => {
                    self.say_goodbye(now, cx);
                    return Round::Done;
                }
            }
        }
        if calls.handler {
            self.run_handler();
            calls = calls | self.shared.look();
        }
        let deadline = match &mut self.stage {
            Stage::Switching(upgrade, until, cut) => match pin!(tokio::task::unconstrained(upgrade)).poll(cx)
            {
                Poll::Ready(Ok(upgraded)) => {
                    let (transport, early) = Transport::new(upgraded, cut.take());
                    let share = self.permit.as_ref().and_then(Permit::share);
                    let link = Link::new(transport, early, &self.shared, share, now);
                    self.stage = Stage::Open(Box::new(link));
                    self.shared.with(|state, deferred| state.open(deferred));
                    return Round::Advanced;
                }
                Poll::Pending if now < *until => Some(*until),
                Poll::Pending if now.saturating_duration_since(*until) > OWN_STALL => {
                    *until = after(now, self.shared.config.handshake_timeout);
                    Some(*until)
                }
                failed => {
                    tracing::debug!(connection = %self.shared.id, ?failed, "the upgrade failed");
                    self.shared.end(CloseKind::NotUpgraded);
                    self.leave(Stage::Gone);
                    return Round::Advanced;
                }
            },
            Stage::Open(link) => {
                let (shared, config) = (&self.shared, &self.shared.config);
                let turn = unbudgeted(cx, |cx| match calls {
                    Calls { link: false, .. } => link.push(shared, config, now, hurry, cx),
                    _ => link.turn(shared, config, now, hurry, cx),
                });
                match turn {
                    Turn::Rest(deadline) => deadline,
                    Turn::Again => return Round::Again,
                    Turn::Over { drop_now } => {
                        self.hang_up(drop_now, now);
                        return Round::Advanced;
                    }
                }
            }
            Stage::Lingering(lingering) => {
                let Lingering { transport, until } = &mut **lingering;
                if unbudgeted(cx, |cx| transport.poll_linger(cx)).is_ready() || now >= *until {
                    self.stage = Stage::Gone;
                    return Round::Advanced;
                }
                Some(*until)
            }
            Stage::Gone if self.session.is_over() => return Round::Done,
            Stage::Gone => None,
        };
        let drain = if let Drain::At(at) = self.drain { Some(at) } else { None };
        self.alarm.set(drain.into_iter().chain(deadline).min(), now, cx);
        Round::Rest
    }

    fn run_handler(&mut self) {
        let Poll::Ready(ending) = self.session.poll(&mut Context::from_waker(&self.handler_waker)) else {
            return;
        };
        let (kind, frame) =
            handler_outcome::close_frame(self.shared.id, &self.shared.config.close_codes, ending);
        self.shared.with(|state, deferred| {
            state.stop_receiving(deferred);
            state.seal(kind, Some(frame), deferred);
        });
    }

    fn report(&mut self) {
        if let Stage::Open(link) = &mut self.stage {
            link.tally.report(|| self.shared.depths());
        }
    }

    /// Closes the connection when its moment in the drain has come.
    fn drain(&mut self, now: Instant) {
        let shutdown = self.shutdown.shutdown();
        let at = match self.drain {
            Drain::Off => after(now, shutdown.delay(self.shared.id.get())),
            Drain::At(at) => at,
            Drain::Done => return,
        };
        self.drain = Drain::At(at);
        if now >= at {
            self.drain = Drain::Done;
            let frame = shutdown.config().frame.clone();
            // The last of them are answered in time for the close handshake.
            let in_call = shutdown.last_reply().max(now);
            let in_loop = after(now, self.shared.config.close_timeout).min(in_call);
            let courtesy = Courtesy { in_loop, in_call };
            self.shared.with(|state, deferred| {
                state.conclude_within(courtesy, CloseKind::Shutdown, frame, deferred);
            });
        }
    }

    /// Cut off before its moment in the drain: what the transport takes at once still goes out.
    fn say_goodbye(&mut self, now: Instant, cx: &mut Context<'_>) {
        if let Stage::Open(link) = &mut self.stage {
            let frame = self.shutdown.shutdown().config().frame.clone();
            self.shared.with(|state, deferred| state.seal(CloseKind::Aborted, Some(frame), deferred));
            unbudgeted(cx, |cx| link.last_turn(&self.shared, &self.shared.config, now, cx));
        }
    }

    fn hang_up(&mut self, drop_now: bool, now: Instant) {
        let Stage::Open(link) = std::mem::replace(&mut self.stage, Stage::Gone) else { return };
        let next = if drop_now {
            Stage::Gone
        } else {
            let until = after(now, self.shared.config.linger);
            Stage::Lingering(Box::new(Lingering { transport: link.into_transport(), until }))
        };
        self.leave(next);
    }

    /// The connection has ended: the handler may run on, unless the route wants it cancelled.
    fn leave(&mut self, stage: Stage) {
        self.stage = stage;
        if self.shared.config.cancel_on_close {
            self.session.cancel();
        }
    }
}

impl Future for ConnectionTask {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Self { link_waker, life } = &mut *self;
        let mut calls = life.shared.enter(cx.waker());
        let now = now();
        let mut left = ROUNDS;
        while left > 0 {
            calls = match life.round(calls, now, left == 1, &mut Context::from_waker(link_waker)) {
                Round::Done => return Poll::Ready(()),
                Round::Advanced => {
                    calls = Calls::ALL;
                    continue;
                }
                Round::Again => Calls::ALL,
                Round::Rest => match life.shared.rest() {
                    Some(calls) => calls,
                    None => {
                        life.report();
                        return Poll::Pending;
                    }
                },
            };
            left -= 1;
        }
        life.shared.yield_now();
        life.report();
        // A plain wake would bring us back before the runtime has looked at other sockets.
        let _ = pin!(tokio::task::yield_now()).poll(cx);
        Poll::Pending
    }
}

/// Runs I/O of ours outside of tokio's budget: what the handler has used up of it must not stop the connection. It
/// has bounds of its own.
fn unbudgeted<R>(cx: &mut Context<'_>, mut io: impl FnMut(&mut Context<'_>) -> R) -> R {
    match pin!(tokio::task::unconstrained(poll_fn(|cx| Poll::Ready(io(cx))))).poll(cx) {
        Poll::Ready(result) => result,
        Poll::Pending => unreachable!("it is ready at once"),
    }
}

/// However the task ends, an abort and the end of the runtime included, there is a cause, and the handler is gone.
impl Drop for Life {
    fn drop(&mut self) {
        // What is only kept for its last bytes to arrive has ended by itself.
        let (is_open, is_running) = (self.shared.cause().is_none(), !self.session.is_over());
        self.session.cancel();
        self.shared.with(|state, deferred| state.stop_receiving(deferred));
        self.shared.end(CloseKind::Aborted);
        let cause = self.shared.cause();
        let end = match &cause {
            _ if is_open || is_running => Drained::Aborted,
            Some(cause) if cause.clean => Drained::Clean,
            _ => Drained::Unclean,
        };
        if self.shutdown.count(end) && end == Drained::Aborted {
            tracing::debug!(connection = %self.shared.id, is_open, is_running, "cut off by the drain");
        }
        if let Some(cause) = cause {
            let dropped = self.shared.depths().dropped;
            self.shared.observer.closed(self.shared.id, &cause, self.since, dropped);
        }
    }
}
