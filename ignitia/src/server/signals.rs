use std::{future::Future, pin::Pin};
#[cfg(unix)]
use std::{future::poll_fn, task::Poll};

use crate::error::Result;

/// Future of the user's that starts the shutdown in place of a signal to the process.
pub(super) type ShutdownSignal = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A signal that ends the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signal {
    /// Ctrl-C (SIGINT), from a person at the terminal.
    Interrupt,
    /// SIGTERM, from a service manager.
    Terminate,
}

/// Stream of Ctrl-C and SIGTERM. No signal between two calls of `recv` is missed.
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

    /// Discards the signals that have arrived so far.
    pub(super) async fn discard_received(&mut self) {
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

    pub(super) async fn discard_received(&mut self) {}
}
