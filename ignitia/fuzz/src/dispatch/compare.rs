//! Comparison of the decoder with `serde_json`.

use std::fmt::Debug;

use ignitia::{__private::decode, ClientMessage};
use serde_json::Value;

use super::{
    error_reply::check_error_reply,
    messages::{
        AdjacentlyTagged, BorrowedFields, ExternallyTagged, FallbackVariant, FlattenedFields,
        InternallyTagged, StrictFields,
    },
};

/// Values of an id, and true for those that are valid.
const IDS: [(&str, bool); 7] = [
    ("7", true),
    ("-1", true),
    ("1.5", true),
    (r#""a""#, true),
    ("null", true),
    ("[7]", false),
    ("true", false),
];

/// Decodes a text as a message of every representation, with and without an id.
///
/// # Panics
///
/// If serde decodes it differently.
pub fn compare_all(text: &str) {
    compare::<InternallyTagged>(text);
    compare::<StrictFields>(text);
    compare::<FallbackVariant>(text);
    compare::<FlattenedFields>(text);
    compare::<BorrowedFields<'_>>(text);
    compare::<AdjacentlyTagged>(text);
    compare::<ExternallyTagged>(text);
    let (id, is_good) = IDS[text.len() % IDS.len()];
    compare_with_id::<InternallyTagged>(text, id, is_good);
    compare_with_id::<StrictFields>(text, id, is_good);
    compare_with_id::<FlattenedFields>(text, id, is_good);
    compare_with_id::<AdjacentlyTagged>(text, id, is_good);
}

fn compare<'de, T>(text: &'de str)
where
    T: ClientMessage<'de> + Debug + PartialEq,
{
    let ours = decode::<T>(text, None).map(|decoded| decoded.message);
    match (ours, serde_json::from_str::<T>(text)) {
        (Ok(ours), Ok(plain)) => assert_eq!(ours, plain),
        (Err(malformed), Err(_)) => check_error_reply(&malformed),
        (Ok(_), Err(_)) if is_beyond_serdes_buffer(text) => {}
        (ours, plain) => panic!("ours: {ours:?}, serde: {plain:?}"),
    }
}

/// Checks that an id does not change how the message is decoded.
fn compare_with_id<T>(text: &str, id: &str, is_good: bool)
where
    T: for<'de> ClientMessage<'de> + Debug + PartialEq,
{
    // The text must not contain the name of the id as a key.
    let Some(body) = text.trim_ascii_start().strip_prefix('{').filter(|_| !text.contains(['#', '\\'])) else {
        return;
    };
    let comma = if body.trim_ascii_start().starts_with('}') { "" } else { "," };
    let with_id = format!("{{\"#\":{id}{comma}{body}");
    match (decode::<T>(&with_id, Some("#")), serde_json::from_str::<T>(text)) {
        (Ok(ours), Ok(plain)) => {
            assert!(is_good && ours.id.is_none() == (id == "null"));
            assert_eq!(ours.message, plain);
        }
        (Err(malformed), plain) => {
            check_error_reply(&malformed);
            assert!(plain.is_err() || !is_good, "ours: {malformed}, serde: {plain:?}");
        }
        (Ok(_), Err(_)) if is_good && is_beyond_serdes_buffer(text) => {}
        (ours, plain) => panic!("ours: {ours:?}, serde: {plain:?}"),
    }
}

/// Returns true if this is JSON that serde cannot buffer: too deep, with numbers out of range or
/// lone surrogates. Ignitia's decoder skips it in ignored fields.
fn is_beyond_serdes_buffer(text: &str) -> bool {
    serde_json::from_str::<Value>(text).is_err()
        && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}
