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

use self::io::{ConnectionIo, IoProgress};
#[cfg(not(shuttle))]
use self::transport::Transport;
#[cfg(shuttle)]
pub(crate) use self::transport::{Pipe, Served, Transport};
pub(crate) use self::{
    handler_outcome::{refuses, sendable, take_failure},
    running_handler::{Ending, HandlerFuture, RunningHandler},
};
use super::state::{Interest, PendingCloseDeadlines, Shared};
use crate::{
    close::CloseKind,
    limits::Permit,
    shutdown::{DrainOutcome, ShutdownPhase as Shutdown, ShutdownWatch},
    stream::StreamReset,
    time::{Timer, after, now, own_stall},
};

/// Rounds in one poll, after which other tasks get their turn: one in which messages come in, one in which they are
/// handled. More of them make others wait for a peer that floods.
const ROUNDS: usize = 2;

#[derive(Debug)]
#[repr(C)]
pub(crate) struct ConnectionTask {
    /// Everything but the handler is polled with it.
    io_waker: Waker,
    driver: ConnectionDriver,
}

/// A connection from the 101 to the last byte. In the order of use, as [`ConnectionIo`] is.
#[derive(Debug)]
#[repr(C)]
struct ConnectionDriver {
    shared: Arc<Shared>,
    stage: ShutdownPhase,
    drain: Drain,
    timer: Timer,
    shutdown: ShutdownWatch,
    handler_waker: Waker,
    handler: RunningHandler,
    /// Its place among the WebSockets that there may be.
    permit: Option<Permit>,
    since: Instant,
}

#[derive(Debug)]
enum ShutdownPhase {
    /// The 101 is on its way; it has until then.
    Switching(OnUpgrade, Instant, Option<StreamReset>),
    Open(Box<ConnectionIo>),
    /// The connection is over; the transport is kept for a moment, so that what was written last arrives.
    LingeringTransport(Box<LingeringTransport>),
    Gone,
}

#[derive(Debug)]
struct LingeringTransport {
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
enum DriverStep {
    /// The connection has entered another stage, which is no reason to let others go first.
    Advanced,
    Again,
    Rest,
    Done,
}

impl ConnectionTask {
    pub(crate) fn new(
        shared: Arc<Shared>,
        handler: RunningHandler,
        upgrade: OnUpgrade,
        shutdown: ShutdownWatch,
        permit: Option<Permit>,
    ) -> Self {
        let until = after(now(), shared.config.handshake_timeout);
        let stage = ShutdownPhase::Switching(upgrade, until, StreamReset::current());
        Self::at(stage, shared, handler, shutdown, permit)
    }

    fn at(
        stage: ShutdownPhase,
        shared: Arc<Shared>,
        handler: RunningHandler,
        shutdown: ShutdownWatch,
        permit: Option<Permit>,
    ) -> Self {
        let (handler_waker, io_waker) = (shared.handler_waker(), shared.io_waker());
        let (drain, timer, since) = (Drain::Off, Timer::default(), shared.events.opened());
        let driver =
            ConnectionDriver { shared, stage, drain, timer, shutdown, handler_waker, handler, permit, since };
        Self { io_waker, driver }
    }
}

#[cfg(shuttle)]
impl ConnectionTask {
    pub(crate) fn over(
        transport: Transport,
        shared: Arc<Shared>,
        handler: RunningHandler,
        shutdown: ShutdownWatch,
    ) -> Self {
        let io = ConnectionIo::new(transport, Bytes::new(), &shared, None, now());
        shared.with(|state, after_unlock| state.open(after_unlock));
        Self::at(ShutdownPhase::Open(Box::new(io)), shared, handler, shutdown, None)
    }
}

impl ConnectionDriver {
    /// Polls the handler, then the transport, as far as there is a call for it.
    fn step(
        &mut self,
        mut interest: Interest,
        now: Instant,
        hurry: bool,
        cx: &mut Context<'_>,
    ) -> DriverStep {
        if interest.io {
            match self.shutdown.poll(cx) {
                Shutdown::Open => {}
                Shutdown::Draining => self.drain(now),
                Shutdown::Aborting => {
                    self.send_final_close(now, cx);
                    return DriverStep::Done;
                }
            }
        }
        if interest.handler {
            self.run_handler();
            interest = interest | self.shared.look();
        }
        let deadline = match &mut self.stage {
            ShutdownPhase::Switching(upgrade, until, cut) => {
                match pin!(tokio::task::unconstrained(upgrade)).poll(cx) {
                    Poll::Ready(Ok(upgraded)) => {
                        let (transport, early) = Transport::new(upgraded, cut.take());
                        let share = self.permit.as_ref().and_then(Permit::share);
                        let io = ConnectionIo::new(transport, early, &self.shared, share, now);
                        self.stage = ShutdownPhase::Open(Box::new(io));
                        self.shared.with(|state, after_unlock| state.open(after_unlock));
                        return DriverStep::Advanced;
                    }
                    Poll::Pending if now < *until => Some(*until),
                    Poll::Pending if own_stall(*until, now).is_some() => {
                        *until = after(now, self.shared.config.handshake_timeout);
                        Some(*until)
                    }
                    failed => {
                        tracing::debug!(connection = %self.shared.id, ?failed, "the upgrade failed");
                        self.shared.end(CloseKind::NotUpgraded);
                        self.enter_stage(ShutdownPhase::Gone);
                        return DriverStep::Advanced;
                    }
                }
            }
            ShutdownPhase::Open(io) => {
                let (shared, config) = (&self.shared, &self.shared.config);
                let turn = unbudgeted(cx, |cx| match interest {
                    Interest { io: false, .. } => io.write_only(shared, config, now, hurry, cx),
                    _ => io.turn(shared, config, now, hurry, cx),
                });
                match turn {
                    IoProgress::Rest(deadline) => deadline,
                    IoProgress::Again => return DriverStep::Again,
                    IoProgress::Over { drop_now } => {
                        self.begin_linger(drop_now, now);
                        return DriverStep::Advanced;
                    }
                }
            }
            ShutdownPhase::LingeringTransport(lingering) => {
                let LingeringTransport { transport, until } = &mut **lingering;
                if unbudgeted(cx, |cx| transport.poll_linger(cx)).is_ready() || now >= *until {
                    self.stage = ShutdownPhase::Gone;
                    return DriverStep::Advanced;
                }
                Some(*until)
            }
            ShutdownPhase::Gone if self.handler.is_over() => return DriverStep::Done,
            ShutdownPhase::Gone => None,
        };
        let drain = if let Drain::At(at) = self.drain { Some(at) } else { None };
        self.timer.set(drain.into_iter().chain(deadline).min(), now, cx);
        DriverStep::Rest
    }

    fn run_handler(&mut self) {
        let Poll::Ready(ending) = self.handler.poll(&mut Context::from_waker(&self.handler_waker)) else {
            return;
        };
        let (kind, frame) =
            handler_outcome::close_frame(self.shared.id, &self.shared.config.close_codes, ending);
        self.shared.with(|state, after_unlock| {
            state.stop_receiving(after_unlock);
            state.queue_close(kind, Some(frame), after_unlock);
        });
    }

    fn report(&mut self) {
        if let ShutdownPhase::Open(io) = &mut self.stage {
            io.metrics.report(|| self.shared.depths());
        }
    }

    /// Closes the connection when its moment in the drain has come.
    fn drain(&mut self, now: Instant) {
        let shutdown = self.shutdown.state();
        let at = match self.drain {
            Drain::Off => after(now, shutdown.close_delay(self.shared.id.get())),
            Drain::At(at) => at,
            Drain::Done => return,
        };
        self.drain = Drain::At(at);
        if now >= at {
            self.drain = Drain::Done;
            let frame = shutdown.config().frame.clone();
            // The last of them are answered in time for the close handshake.
            let in_call = shutdown.reply_deadline().max(now);
            let in_loop = after(now, self.shared.config.close_timeout).min(in_call);
            let deadlines = PendingCloseDeadlines { in_loop, in_call };
            self.shared.with(|state, after_unlock| {
                state.close_after_handler_until(deadlines, CloseKind::Shutdown, frame, after_unlock);
            });
        }
    }

    /// Cut off before its moment in the drain: what the transport takes at once still goes out.
    fn send_final_close(&mut self, now: Instant, cx: &mut Context<'_>) {
        if let ShutdownPhase::Open(io) = &mut self.stage {
            let frame = self.shutdown.state().config().frame.clone();
            self.shared
                .with(|state, after_unlock| state.queue_close(CloseKind::Aborted, Some(frame), after_unlock));
            unbudgeted(cx, |cx| io.last_turn(&self.shared, &self.shared.config, now, cx));
        }
    }

    fn begin_linger(&mut self, drop_now: bool, now: Instant) {
        let ShutdownPhase::Open(io) = std::mem::replace(&mut self.stage, ShutdownPhase::Gone) else {
            return;
        };
        let next = if drop_now {
            ShutdownPhase::Gone
        } else {
            let until = after(now, self.shared.config.linger);
            ShutdownPhase::LingeringTransport(Box::new(LingeringTransport {
                transport: io.into_transport(),
                until,
            }))
        };
        self.enter_stage(next);
    }

    /// The connection has ended: the handler may run on, unless the route wants it cancelled.
    fn enter_stage(&mut self, stage: ShutdownPhase) {
        self.stage = stage;
        if self.shared.config.cancel_on_close {
            self.handler.cancel();
        }
    }
}

impl Future for ConnectionTask {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Self { io_waker, driver } = &mut *self;
        let mut interest = driver.shared.enter(cx.waker());
        let now = now();
        let mut left = ROUNDS;
        while left > 0 {
            interest = match driver.step(interest, now, left == 1, &mut Context::from_waker(io_waker)) {
                DriverStep::Done => return Poll::Ready(()),
                DriverStep::Advanced => {
                    interest = Interest::ALL;
                    continue;
                }
                DriverStep::Again => Interest::ALL,
                DriverStep::Rest => match driver.shared.rest() {
                    Some(interest) => interest,
                    None => {
                        driver.report();
                        return Poll::Pending;
                    }
                },
            };
            left -= 1;
        }
        driver.shared.yield_now();
        driver.report();
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
impl Drop for ConnectionDriver {
    fn drop(&mut self) {
        // What is only kept for its last bytes to arrive has ended by itself.
        let (is_open, is_running) = (self.shared.cause().is_none(), !self.handler.is_over());
        self.handler.cancel();
        self.shared.with(|state, after_unlock| state.stop_receiving(after_unlock));
        self.shared.end(CloseKind::Aborted);
        let cause = self.shared.cause();
        let end = match &cause {
            _ if is_open || is_running => DrainOutcome::Aborted,
            Some(cause) if cause.clean => DrainOutcome::Clean,
            _ => DrainOutcome::Unclean,
        };
        if self.shutdown.count(end) && end == DrainOutcome::Aborted {
            tracing::debug!(connection = %self.shared.id, is_open, is_running, "cut off by the drain");
        }
        if let Some(cause) = cause {
            let dropped = self.shared.depths().dropped;
            self.shared.events.closed(self.shared.id, &cause, self.since, dropped);
        }
    }
}
