use std::{error::Error as StdError, fmt};

use crate::error::Error;

/// Error of a `try_send`: the value was not queued, and is given back.
///
/// `?` turns it into an [`Error`], for which the value is dropped.
pub struct TrySendError<T> {
    value: T,
    error: Error,
}

impl<T> TrySendError<T> {
    pub(crate) fn new(value: T, error: Error) -> Self {
        Self { value, error }
    }

    /// Returns `true` if the queue is full: it may be tried again later.
    pub fn is_full(&self) -> bool {
        self.error.is_full()
    }

    /// Returns `true` if the connection or the session is closed, or closing.
    pub fn is_closed(&self) -> bool {
        self.error.is_closed()
    }

    /// Returns `true` if the value can never be sent, as a ping of over 125 bytes.
    pub fn is_invalid_input(&self) -> bool {
        self.error.is_invalid_input()
    }

    /// Returns the value that was not queued.
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T> From<TrySendError<T>> for Error {
    fn from(error: TrySendError<T>) -> Self {
        error.error
    }
}

impl<T> fmt::Debug for TrySendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TrySendError").field("error", &self.error).finish_non_exhaustive()
    }
}

impl<T> fmt::Display for TrySendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl<T> StdError for TrySendError<T> {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.error.source()
    }
}
