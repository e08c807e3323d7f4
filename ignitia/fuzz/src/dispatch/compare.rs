use std::fmt::Debug;

use ignitia::{__private::decode, ClientMessage};
use serde_json::Value;

use super::{
    envelope::check,
    messages::{Adjacent, Borrowed, External, Flat, Internal, Lenient, Strict},
};

/// Ids, and whether they are any.
const IDS: [(&str, bool); 7] = [
    ("7", true),
    ("-1", true),
    ("1.5", true),
    (r#""a""#, true),
    ("null", true),
    ("[7]", false),
    ("true", false),
];

/// Reads a text as a message of every representation, with and without an id.
///
/// # Panics
///
/// If serde reads it otherwise.
pub fn compare_all(text: &str) {
    compare::<Internal>(text);
    compare::<Strict>(text);
    compare::<Lenient>(text);
    compare::<Flat>(text);
    compare::<Borrowed<'_>>(text);
    compare::<Adjacent>(text);
    compare::<External>(text);
    let (id, is_good) = IDS[text.len() % IDS.len()];
    compare_with_id::<Internal>(text, id, is_good);
    compare_with_id::<Strict>(text, id, is_good);
    compare_with_id::<Flat>(text, id, is_good);
    compare_with_id::<Adjacent>(text, id, is_good);
}

fn compare<'de, T>(text: &'de str)
where
    T: ClientMessage<'de> + Debug + PartialEq,
{
    let ours = decode::<T>(text, None).map(|decoded| decoded.message);
    match (ours, serde_json::from_str::<T>(text)) {
        (Ok(ours), Ok(plain)) => assert_eq!(ours, plain),
        (Err(malformed), Err(_)) => check(&malformed),
        (Ok(_), Err(_)) if is_beyond_serdes_buffer(text) => {}
        (ours, plain) => panic!("ours: {ours:?}, serde: {plain:?}"),
    }
}

/// With an id agreed on, a message is what it is without it.
fn compare_with_id<T>(text: &str, id: &str, is_good: bool)
where
    T: for<'de> ClientMessage<'de> + Debug + PartialEq,
{
    // The id's name is none of the text's keys.
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
            check(&malformed);
            assert!(plain.is_err() || !is_good, "ours: {malformed}, serde: {plain:?}");
        }
        (Ok(_), Err(_)) if is_good && is_beyond_serdes_buffer(text) => {}
        (ours, plain) => panic!("ours: {ours:?}, serde: {plain:?}"),
    }
}

/// Whether it is JSON that does not fit into serde's buffer: too deep, numbers that are none, halves of characters. In fields that
/// nobody reads, ours passes it over.
fn is_beyond_serdes_buffer(text: &str) -> bool {
    serde_json::from_str::<Value>(text).is_err()
        && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}
