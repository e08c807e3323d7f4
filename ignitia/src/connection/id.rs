use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering},
};

/// Id of a connection, unique within the process: for logs and for maps of connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(u64);

impl ConnectionId {
    pub(crate) fn next() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }

    /// Returns the id of a connection of another process.
    #[cfg(feature = "redis")]
    pub(crate) fn of_other_process(id: u64) -> Self {
        Self(id)
    }

    /// Returns the bare number.
    pub fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
