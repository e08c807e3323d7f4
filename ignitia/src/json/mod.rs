//! JSON text of values: what `serde_json::to_vec` writes, in fewer instructions.
//!
//! `serde_json` searches every text for characters to escape, byte by byte, also names of fields
//! and variants. Here texts are searched eight bytes at a time, and names where they are compiled:
//! the compiler knows them. Everything else is written by `serde_json`.
//!
//! So what writes texts is inlined wherever it is called, except in builds for debugging: they
//! would only take longer.

mod serializer;
mod text;

use serde::Serialize;

use self::serializer::JsonSerializer;

/// Room that is made for a text that is written into an empty `Vec`.
const INITIAL_CAPACITY: usize = 128;

/// Returns a value as JSON.
///
/// # Errors
///
/// As `serde_json::to_vec`.
#[inline]
pub(crate) fn to_vec<T: Serialize + ?Sized>(value: &T) -> serde_json::Result<Vec<u8>> {
    let mut json = Vec::with_capacity(INITIAL_CAPACITY);
    write(&mut json, value)?;
    Ok(json)
}

/// Appends a value as JSON.
///
/// # Errors
///
/// As `serde_json::to_writer`. The beginning of the value may have been appended.
#[inline]
pub(crate) fn write<T: Serialize + ?Sized>(json: &mut Vec<u8>, value: &T) -> serde_json::Result<()> {
    value.serialize(JsonSerializer::new(json))
}

#[cfg(test)]
mod tests;
