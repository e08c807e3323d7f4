use std::io;

use tokio::net::tcp::OwnedWriteHalf;

/// Writing half of a transport that others than the connection task may write to. Dropping it shuts
/// down our side.
#[derive(Debug)]
pub(crate) struct DirectWriter(OwnedWriteHalf);

impl DirectWriter {
    pub(crate) fn new(half: OwnedWriteHalf) -> Self {
        Self(half)
    }

    /// Writes as much as the transport takes at once.
    pub(super) fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        self.0.try_write(bytes)
    }
}
