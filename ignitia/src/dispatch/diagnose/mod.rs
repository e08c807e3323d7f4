//! Diagnosis of a text that could not be decoded: a second reading finds the kind of the error and
//! the path to the value.
//!
//! serde_json's errors are texts that hold input and the names of Rust's types. Here every value is
//! read through wrappers that report [`Fault`]s instead. A fault collects its path on the way out.
//! Where an error must be of the inner deserializer's type, the fault is set aside in a
//! `PendingFault`.

mod access;
mod deserializer;
mod diagnoser;
mod expectation;
mod fault;
mod known_tags;
mod path;
mod pending_fault;
mod variant;
mod visitor;

#[cfg(test)]
mod tests;

use serde_json::de::StrRead;

use self::{diagnoser::Diagnoser, pending_fault::PendingFault};
pub(super) use self::{
    fault::{Fault, FaultKind},
    known_tags::known_tags,
    path::JsonPath,
};

/// Runs `decode` over the text once more and returns the error that it finds, if any. Anything
/// behind the value is an error too.
pub(super) fn diagnose<'de, T>(
    text: &'de str,
    decode: impl FnOnce(Diagnoser<'_, &mut serde_json::Deserializer<StrRead<'de>>>) -> Result<T, Fault>,
) -> Option<Fault> {
    let pending = PendingFault::default();
    let mut json = serde_json::Deserializer::from_str(text);
    match decode(Diagnoser { inner: &mut json, pending: &pending, key: None }) {
        Err(fault) => Some(fault),
        Ok(_) => json.end().err().map(|_| Fault::format()),
    }
}
