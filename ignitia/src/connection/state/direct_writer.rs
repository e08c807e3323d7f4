use std::io;

use tokio::net::tcp::OwnedWriteHalf;

use crate::sync::{RuntimeId, current_runtime};

/// Writing half of a transport that others than the connection task may write to. Dropping it shuts
/// down our side.
#[derive(Debug)]
pub(crate) struct DirectWriter {
    half: OwnedWriteHalf,
    /// Runtime of the transport and of the connection task.
    runtime: Option<RuntimeId>,
}

impl DirectWriter {
    pub(crate) fn new(half: OwnedWriteHalf) -> Self {
        Self { half, runtime: current_runtime() }
    }

    /// Returns `true` if the connection task runs in this runtime.
    pub(super) fn is_of(&self, runtime: RuntimeId) -> bool {
        self.runtime == Some(runtime)
    }

    /// Writes as much as the transport takes at once.
    pub(super) fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        self.half.try_write(bytes)
    }
}
