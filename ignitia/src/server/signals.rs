#[cfg(unix)]
use std::{future::poll_fn, task::Poll};

use crate::error::Result;

/// What somebody wants of the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signal {
    /// Ctrl-C, by somebody who waits for it.
    Interrupt,
    /// SIGTERM, by whatever manages the process.
    Terminate,
}

/// Ctrl-C and SIGTERM, one after another: none is missed between two calls of `recv`.
#[derive(Debug)]
pub(super) struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    pub(super) fn new() -> Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    pub(super) async fn recv(&mut self) -> Signal {
        tokio::select! {
            _ = self.interrupt.recv() => Signal::Interrupt,
            _ = self.terminate.recv() => Signal::Terminate,
        }
    }

    /// Lets those count no more that have come already.
    pub(super) async fn forget(&mut self) {
        poll_fn(|cx| {
            while self.interrupt.poll_recv(cx).is_ready() {}
            while self.terminate.poll_recv(cx).is_ready() {}
            Poll::Ready(())
        })
        .await;
    }
}

#[cfg(not(unix))]
impl Signals {
    pub(super) fn new() -> Result<Self> {
        Ok(Self {})
    }

    pub(super) async fn recv(&mut self) -> Signal {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        Signal::Interrupt
    }

    pub(super) async fn forget(&mut self) {}
}
