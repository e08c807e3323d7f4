//! Faults of one connection.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::watch;

/// Connections of an engine, by their use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ConnectionKind {
    Commands,
    /// The connection that has subscribed.
    Listening,
}

/// State of a connection that goes through the proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    Open,
    /// All that comes waits.
    Stalled,
    /// All that comes is dropped, for ever.
    Swallowed,
    Cut,
}

/// Connection that goes through the proxy.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) flow: watch::Sender<Flow>,
    is_listening: AtomicBool,
    /// True if it is cut instead of passing on the next answer.
    pub(super) is_trapped: AtomicBool,
}

impl Link {
    pub(super) fn new(flow: Flow) -> Self {
        Self {
            flow: watch::Sender::new(flow),
            is_listening: AtomicBool::new(false),
            is_trapped: AtomicBool::new(false),
        }
    }

    /// Looks at what the client sends.
    pub(super) fn notice(&self, sent: &[u8]) {
        if contains(sent, b"SUBSCRIBE") {
            self.is_listening.store(true, Ordering::Relaxed);
        }
    }

    pub(super) fn kind(&self) -> ConnectionKind {
        match self.is_listening.load(Ordering::Relaxed) {
            true => ConnectionKind::Listening,
            false => ConnectionKind::Commands,
        }
    }
}

/// Returns true if these bytes contain those.
pub(super) fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
