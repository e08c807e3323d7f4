//! Driver of one connection: its stages, from the 101 to the last byte.

use std::{
    future::Future,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use hyper::upgrade::OnUpgrade;

use super::{
    budget::{unbudgeted, within_budget},
    handler_outcome,
    io::{ConnectionIo, IoProgress},
    running_handler::RunningHandler,
    transport::Transport,
};
use crate::{
    close::CloseKind,
    connection::state::{DirectWriter, Interest, PendingCloseDeadlines, Shared},
    limits::Permit,
    shutdown::{DrainOutcome, ShutdownPhase, ShutdownWatch},
    stream::StreamReset,
    time::{Instant, Timer, after, own_stall},
};

/// Drives one connection from the 101 to the last byte.
///
/// The fields are in the order of use, as those of [`ConnectionIo`] are.
#[derive(Debug)]
#[repr(C)]
pub(super) struct ConnectionDriver {
    pub(super) shared: Arc<Shared>,
    pub(super) stage: TaskStage,
    drain: Drain,
    timer: Timer,
    shutdown: ShutdownWatch,
    handler_waker: Waker,
    handler: RunningHandler,
    /// Permit for one of the WebSockets that the limits allow; returned when the task is dropped.
    permit: Option<Permit>,
    since: Instant,
}

#[derive(Debug)]
pub(super) enum TaskStage {
    /// The 101 is on its way. The instant is its deadline. Without hyper's upgrade, the server that
    /// writes the 101 [opens](super::ConnectionTask::open) the connection, or has failed to.
    Switching(Option<OnUpgrade>, Instant, Option<StreamReset>),
    Open(Box<ConnectionIo>),
    /// The connection is over. The transport is kept for a moment, so that the last bytes arrive.
    Lingering(Box<LingeringTransport>),
    Gone,
}

#[derive(Debug)]
pub(super) struct LingeringTransport {
    transport: Transport,
    until: Instant,
}

/// Progress of a graceful shutdown, as far as it concerns this connection.
#[derive(Debug, Clone, Copy)]
enum Drain {
    Off,
    At(Instant),
    Done,
}

/// Result of one step of the driver.
pub(super) enum DriverStep {
    /// The connection has entered another stage. That is no reason to let other tasks go first.
    StageEntered,
    Again,
    /// The handler can go on, and nothing else can before its frames are written.
    HandlerReady,
    Idle,
    Done,
}

impl ConnectionDriver {
    pub(super) fn new(
        stage: TaskStage,
        shared: Arc<Shared>,
        handler: RunningHandler,
        shutdown: ShutdownWatch,
        permit: Option<Permit>,
    ) -> Self {
        let handler_waker = shared.handler_waker();
        let (drain, timer, since) = (Drain::Off, Timer::default(), shared.recorder.opened());
        Self { shared, stage, drain, timer, shutdown, handler_waker, handler, permit, since }
    }

    /// Polls the handler, then the transport, as far as `interest` asks for it.
    #[inline]
    pub(super) fn step(
        &mut self,
        mut interest: Interest,
        now: Instant,
        hurry: bool,
        cx: &mut Context<'_>,
    ) -> DriverStep {
        // The shutdown comes first: an abort must not wait for a handler that never yields, and a
        // drain asks for the close frame behind the message that the handler is at.
        if interest.contains(Interest::IO) {
            match self.shutdown.poll(cx) {
                ShutdownPhase::Open => {}
                ShutdownPhase::Draining => self.drain(now),
                ShutdownPhase::Aborting => {
                    self.send_final_close(now, cx);
                    return DriverStep::Done;
                }
            }
        }
        if interest.contains(Interest::HANDLER) {
            self.run_handler();
            // The handler may have queued frames or closed: both are written in this very step,
            // without a wake.
            interest = interest | self.shared.take_interest();
        }
        let deadline = match &mut self.stage {
            TaskStage::Switching(upgrade, until, reset) => {
                let polled = match upgrade {
                    Some(upgrade) => pin!(tokio::task::unconstrained(upgrade)).poll(cx).map_err(Some),
                    None => Poll::Ready(Err(None)),
                };
                match polled {
                    Poll::Ready(Ok(upgraded)) => {
                        let (transport, direct_writer, early) = Transport::new(upgraded, reset.take());
                        self.open(transport, direct_writer, early, now);
                        return DriverStep::StageEntered;
                    }
                    // hyper hands the stream out once it has written the 101. A peer that does not
                    // take it, or a server that never upgrades, must not keep the task for ever.
                    Poll::Pending if now < *until => Some(*until),
                    Poll::Pending if own_stall(*until, now).is_some() => {
                        *until = after(now, self.shared.config.handshake_timeout);
                        Some(*until)
                    }
                    failed => {
                        tracing::debug!(connection = %self.shared.id, ?failed, "the upgrade failed");
                        self.shared.end(CloseKind::NotUpgraded);
                        self.enter_stage(TaskStage::Gone);
                        return DriverStep::StageEntered;
                    }
                }
            }
            TaskStage::Open(io) => {
                let shared = &self.shared;
                let poll = within_budget(cx, |cx| {
                    if interest.contains(Interest::IO) {
                        io.poll(shared, now, hurry, cx)
                    } else {
                        io.poll_write_only(shared, now, hurry, cx)
                    }
                });
                match poll {
                    IoProgress::Idle(deadline) => deadline,
                    IoProgress::Again => return DriverStep::Again,
                    // Only a full poll sets the deadline of an end or an expiry that has come up.
                    IoProgress::HandlerReady if interest.contains(Interest::STATE) => {
                        return DriverStep::Again;
                    }
                    IoProgress::HandlerReady => return DriverStep::HandlerReady,
                    IoProgress::Over { drop_now } => {
                        self.begin_linger(drop_now, now);
                        return DriverStep::StageEntered;
                    }
                }
            }
            TaskStage::Lingering(lingering) => {
                let LingeringTransport { transport, until } = &mut **lingering;
                if unbudgeted(cx, |cx| transport.poll_linger(cx)).is_ready() || now >= *until {
                    self.stage = TaskStage::Gone;
                    return DriverStep::StageEntered;
                }
                Some(*until)
            }
            // The connection has ended, but its handler may run on: it learns of the end from its
            // sends.
            TaskStage::Gone if self.handler.is_over() => return DriverStep::Done,
            TaskStage::Gone => None,
        };
        let drain = if let Drain::At(at) = self.drain { Some(at) } else { None };
        // One timer for all deadlines. It is only moved when an earlier one is needed: a later
        // deadline is set when the timer fires.
        self.timer.set(drain.into_iter().chain(deadline).min(), now, cx);
        DriverStep::Idle
    }

    pub(super) fn open(
        &mut self,
        transport: Transport,
        direct_writer: Option<DirectWriter>,
        early: Bytes,
        now: Instant,
    ) {
        let lease = self.permit.as_ref().and_then(Permit::reassembly_lease);
        let io = ConnectionIo::new(transport, early, &self.shared, lease, now);
        self.stage = TaskStage::Open(Box::new(io));
        self.shared.with(|state, after_unlock| state.open(direct_writer, after_unlock));
    }

    fn run_handler(&mut self) {
        let Poll::Ready(ending) = self.handler.poll(&mut Context::from_waker(&self.handler_waker)) else {
            return;
        };
        let (kind, frame) =
            handler_outcome::close_frame(self.shared.id, &self.shared.config.close_codes, ending);
        self.shared.with(|state, after_unlock| {
            // Input that waits is dropped before the close frame is queued: nothing will take it
            // any more, and the closing handshake must not wait for it.
            state.stop_receiving(after_unlock);
            state.queue_close(kind, Some(frame), after_unlock);
        });
    }

    /// Ends a poll, unless something came up meanwhile: that is returned.
    pub(super) fn begin_idle(&self) -> Option<Interest> {
        let is_resting = matches!(&self.stage, TaskStage::Open(io) if io.is_resting());
        self.shared.begin_idle(is_resting)
    }

    pub(super) fn report(&mut self) {
        if let TaskStage::Open(io) = &mut self.stage {
            io.metrics.report(|| self.shared.depths());
        }
    }

    /// Closes the connection once its moment in the graceful shutdown has come.
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
            // Even the last reply is out early enough for the closing handshake to complete.
            let in_call = shutdown.reply_deadline().max(now);
            let in_loop = after(now, self.shared.config.close_timeout).min(in_call);
            let deadlines = PendingCloseDeadlines { in_loop, in_call };
            self.shared.with(|state, after_unlock| {
                state.close_after_handler_until(deadlines, CloseKind::Shutdown, frame, after_unlock);
            });
        }
    }

    /// Cuts the connection off before its moment in the shutdown. A last close frame goes out, if
    /// the transport takes it at once.
    fn send_final_close(&mut self, now: Instant, cx: &mut Context<'_>) {
        if let TaskStage::Open(io) = &mut self.stage {
            let frame = self.shutdown.state().config().frame.clone();
            self.shared
                .with(|state, after_unlock| state.queue_close(CloseKind::Aborted, Some(frame), after_unlock));
            unbudgeted(cx, |cx| io.poll_last(&self.shared, now, cx));
        }
    }

    fn begin_linger(&mut self, drop_now: bool, now: Instant) {
        let TaskStage::Open(io) = std::mem::replace(&mut self.stage, TaskStage::Gone) else {
            return;
        };
        let next = if drop_now {
            TaskStage::Gone
        } else {
            let until = after(now, self.shared.config.linger);
            TaskStage::Lingering(Box::new(LingeringTransport { transport: io.into_transport(), until }))
        };
        self.enter_stage(next);
    }

    /// Enters a stage behind the end of the connection. The handler may run on, unless the route
    /// cancels it.
    fn enter_stage(&mut self, stage: TaskStage) {
        self.stage = stage;
        if self.shared.config.cancel_on_close {
            // The order matters. The handler goes first: its destructors may still send or close,
            // and they see an open connection. Then the cause is set, once, and counted; only then
            // is the hook called.
            self.handler.cancel();
        }
    }
}

/// Leaves a cause behind and drops the handler, however the task ends: by itself, by an abort, or
/// with the runtime.
impl Drop for ConnectionDriver {
    fn drop(&mut self) {
        // A connection that only lingers for its last bytes has ended by itself: the abort took
        // nothing from it.
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
            let rest = self.shared.depths();
            self.shared.recorder.closed(self.shared.id, &cause, self.since, rest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_lie_in_the_order_of_use() {
        assert_field_order!(
            ConnectionDriver:
            shared, stage, drain, timer, shutdown, handler_waker, handler, permit, since
        );
    }
}
