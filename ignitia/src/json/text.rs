//! Texts in JSON.

use serde::Serializer;

/// Appends a text in quotes.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn write_text(json: &mut Vec<u8>, text: &str) -> serde_json::Result<()> {
    if needs_escapes(text) {
        return write_escaped(json, text);
    }
    json.push(b'"');
    json.extend_from_slice(text.as_bytes());
    json.push(b'"');
    Ok(())
}

/// Appends the name of a field, with the character in front of it and the colon behind it.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn write_name(json: &mut Vec<u8>, before: u8, name: &str) -> serde_json::Result<()> {
    if needs_escapes(name) {
        json.push(before);
        write_escaped(json, name)?;
        json.push(b':');
        return Ok(());
    }
    // A short name is appended as one piece, which is a constant where the name is one.
    let mut piece = [0; 32];
    if let Some([first, open, inner @ .., close, colon]) = piece.get_mut(..name.len() + 4) {
        (*first, *open, *close, *colon) = (before, b'"', b'"', b':');
        inner.copy_from_slice(name.as_bytes());
        json.extend_from_slice(&piece[..name.len() + 4]);
        return Ok(());
    }
    json.extend_from_slice(&[before, b'"']);
    json.extend_from_slice(name.as_bytes());
    json.extend_from_slice(b"\":");
    Ok(())
}

#[cold]
fn write_escaped(json: &mut Vec<u8>, text: &str) -> serde_json::Result<()> {
    serde_json::Serializer::new(json).serialize_str(text)
}

/// Returns true if JSON has to escape a character of the text. The compiler knows it of a constant.
#[cfg_attr(not(debug_assertions), inline(always))]
fn needs_escapes(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (words, _) = bytes.as_chunks::<8>();
    if words.iter().any(|word| word_needs_escapes(u64::from_le_bytes(*word))) {
        return true;
    }
    // The rest, together with bytes that have been searched already, if there are any.
    if let Some(last) = bytes.last_chunk::<8>() {
        return word_needs_escapes(u64::from_le_bytes(*last));
    }
    let (first, last) = match (bytes.first_chunk::<4>(), bytes.last_chunk::<4>(), bytes) {
        (Some(first), Some(last), _) => (*first, *last),
        (_, _, [first, .., last]) => ([*first, bytes[1], *last, b' '], [b' '; 4]),
        (_, _, [only]) => ([*only, b' ', b' ', b' '], [b' '; 4]),
        (_, _, []) => return false,
    };
    word_needs_escapes(u64::from(u32::from_le_bytes(first)) | u64::from(u32::from_le_bytes(last)) << 32)
}

/// Returns true if one of eight bytes is a control character, a quotation mark or a backslash.
///
/// A subtraction sets the top bit of a byte that is less than what is taken from it. A borrow may
/// set more bits, but only above a byte that is one of them.
#[inline]
fn word_needs_escapes(word: u64) -> bool {
    const ONES: u64 = u64::MAX / 255;
    let is_below = |word: u64, limit: u8| word.wrapping_sub(ONES * u64::from(limit)) & !word;
    let is = |byte: u8| is_below(word ^ (ONES * u64::from(byte)), 1);
    (is_below(word, b' ') | is(b'"') | is(b'\\')) & (ONES << 7) != 0
}
