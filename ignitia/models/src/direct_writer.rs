//! Writing half of a modelled transport.

use std::{fmt, io};

use crate::sync::RuntimeId;

/// Writes as much as the transport takes at once.
type TryWrite = dyn Fn(&[u8]) -> io::Result<usize> + Send;

/// Writing half that others than the connection task may write to.
pub(crate) struct DirectWriter(Box<TryWrite>);

impl DirectWriter {
    pub(crate) fn new(try_write: impl Fn(&[u8]) -> io::Result<usize> + Send + 'static) -> Self {
        Self(Box::new(try_write))
    }

    /// Leaves all writes to the connection task.
    pub(crate) fn unused(self) -> Self {
        Self::new(|_| Err(io::ErrorKind::WouldBlock.into()))
    }

    /// Returns `true`: models have one runtime.
    pub(super) fn is_of(&self, _: RuntimeId) -> bool {
        true
    }

    pub(super) fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        (self.0)(bytes)
    }
}

impl fmt::Debug for DirectWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DirectWriter").finish_non_exhaustive()
    }
}
