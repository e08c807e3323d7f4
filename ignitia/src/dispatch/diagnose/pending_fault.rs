//! A fault on its way through errors of another type.

use std::cell::Cell;

use serde::de::Error;

use super::fault::Fault;

/// Holds a fault while an error without content passes the inner deserializer in its place.
///
/// A visitor returns errors of the inner deserializer's type, which cannot hold a [`Fault`].
#[derive(Default)]
pub(super) struct PendingFault(Cell<Option<Fault>>);

impl PendingFault {
    /// Stores a fault that the inner deserializer may return an error for.
    pub(super) fn set(&self, fault: Fault) {
        self.0.set(Some(fault));
    }

    /// Stores the fault and returns an empty error in its place.
    pub(super) fn set_aside<T, E: Error>(&self, result: Result<T, Fault>) -> Result<T, E> {
        result.map_err(|fault| {
            self.set(fault);
            E::custom("")
        })
    }

    /// Puts the stored fault in the place of the inner deserializer's error. It is `None` if the
    /// inner deserializer has found the error by itself.
    pub(super) fn take_back<T, E>(&self, result: Result<T, E>) -> Result<T, Option<Fault>> {
        let fault = self.0.take();
        result.map_err(|_| fault)
    }
}
