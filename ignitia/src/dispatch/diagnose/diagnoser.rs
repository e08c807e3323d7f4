//! State of the deserializer that diagnoses.

use std::cell::Cell;

use super::{path::Segment, pending_fault::PendingFault};

/// A deserializer that reads from `D`, and reports errors as [`Fault`](super::fault::Fault)s.
///
/// It wraps visitors, which wrap accesses, which wrap more deserializers. So it implements
/// `Deserializer` elsewhere, above the visitors: in `deserializer.rs`.
pub(in crate::dispatch) struct Diagnoser<'t, D> {
    pub(super) inner: D,
    pub(super) pending: &'t PendingFault,
    /// Receives the text if the value is the key of an object.
    pub(super) key: Option<&'t KeyCell>,
}

/// Receives the key of an object while it is read.
pub(super) type KeyCell = Cell<Option<Segment>>;
