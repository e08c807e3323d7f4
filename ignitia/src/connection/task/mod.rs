//! The connection task: one task that polls the handler and the transport, from the 101 to the last
//! byte.

mod budget;
mod driver;
mod handler_outcome;
mod io;
mod opening;
mod rate_limit;
mod running_handler;
#[cfg(not(shuttle))]
mod shared_tcp_stream;
#[cfg(not(shuttle))]
mod transport;
#[cfg(shuttle)]
#[path = "../../../models/src/transport.rs"]
mod transport;

use std::{
    future::Future,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
};

#[cfg(shuttle)]
use bytes::Bytes;
use hyper::upgrade::OnUpgrade;

use self::driver::{ConnectionDriver, DriverStep, TaskStage};
#[cfg(shuttle)]
use self::io::ConnectionIo;
#[cfg(shuttle)]
pub(crate) use self::transport::{Pipe, Served, Transport};
pub(crate) use self::{
    handler_outcome::{is_refusal, sendable, take_failure},
    running_handler::{Ending, HandlerFuture, RunningHandler},
};
use super::state::{Interest, IoWaker, Shared};
use crate::{
    limits::Permit,
    shutdown::ShutdownWatch,
    stream::StreamReset,
    time::{after, now},
};

/// Steps in one poll, after which other tasks get their turn: one in which messages come in, one in
/// which they are handled. With more of them, a peer that floods would delay all others.
const ROUNDS: usize = 2;

#[derive(Debug)]
#[repr(C)]
pub(crate) struct ConnectionTask {
    /// Waker of everything but the handler, from the first poll on.
    io_waker: Option<IoWaker>,
    driver: ConnectionDriver,
}

impl ConnectionTask {
    pub(crate) fn new(
        shared: Arc<Shared>,
        handler: RunningHandler,
        upgrade: Option<OnUpgrade>,
        shutdown: ShutdownWatch,
        permit: Option<Permit>,
    ) -> Self {
        let until = after(now(), shared.config.handshake_timeout);
        let stage = TaskStage::Switching(upgrade, until, StreamReset::current());
        Self::at(stage, shared, handler, shutdown, permit)
    }

    fn at(
        stage: TaskStage,
        shared: Arc<Shared>,
        handler: RunningHandler,
        shutdown: ShutdownWatch,
        permit: Option<Permit>,
    ) -> Self {
        Self { io_waker: None, driver: ConnectionDriver::new(stage, shared, handler, shutdown, permit) }
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
        let writer = transport.direct_writer();
        let io = ConnectionIo::new(transport, Bytes::new(), &shared, None, now());
        shared.with(|state, after_unlock| state.open(Some(writer), after_unlock));
        Self::at(TaskStage::Open(Box::new(io)), shared, handler, shutdown, None)
    }
}

impl Future for ConnectionTask {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Self { io_waker, driver } = &mut *self;
        if !io_waker.as_ref().is_some_and(|known| known.wakes(cx.waker())) {
            *io_waker = None;
        }
        // The transport has to be polled with a new waker.
        let is_new = io_waker.is_none();
        let io_waker = io_waker.get_or_insert_with(|| IoWaker::new(cx.waker()));
        let mut interest = driver.shared.begin_poll(cx.waker(), io_waker.take() || is_new);
        let now = now();
        let mut left = ROUNDS;
        while left > 0 {
            interest = match driver.step(interest, now, left == 1, &mut Context::from_waker(io_waker.waker()))
            {
                DriverStep::Done => return Poll::Ready(()),
                DriverStep::StageEntered => {
                    interest = Interest::ALL;
                    continue;
                }
                DriverStep::Again => Interest::ALL,
                DriverStep::HandlerReady => Interest::HANDLER,
                DriverStep::Idle => match driver.begin_idle() {
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
        // `wake_by_ref` alone would bring this task back before the runtime has polled other
        // sockets.
        let _ = pin!(tokio::task::yield_now()).poll(cx);
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_lie_in_the_order_of_use() {
        assert_field_order!(ConnectionTask: io_waker, driver);
    }
}
