//! The messages `{"type":"$ping"}` and `{"type":"$pong"}`.

use std::borrow::Cow;

use serde::de::IgnoredAny;

use crate::dispatch::{correlation_id::Id, decode::find_field};

/// The message that asks the peer's program for a sign of life.
pub(super) const PING: &str = r#"{"type":"$ping"}"#;

/// Length of the longest probe, in bytes. Longer texts are not searched.
const LONGEST: usize = 64;

/// A message that asks for a sign of life, or is one.
#[derive(Debug, PartialEq)]
pub(super) enum Probe {
    Ping,
    Pong,
}

impl Probe {
    /// Recognises a probe. Texts without one are told apart without parsing.
    pub(super) fn of(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        // The dollar sign may be escaped.
        if bytes.len() > LONGEST || memchr::memchr2(b'$', b'\\', bytes).is_none() {
            return None;
        }
        Self::read(text)
    }

    /// Returns the answer to a `$ping`, with the id of the `$ping` if it has one.
    pub(super) fn pong(ping: &str, id_name: Option<&'static str>) -> String {
        let id = id_name.and_then(|name| Some((name, find_field::<Id<'_>>(ping, name)?)));
        match id {
            Some((name, id)) => format!(r#"{{"type":"$pong",{name:?}:{}}}"#, id.json()),
            None => r#"{"type":"$pong"}"#.to_owned(),
        }
    }

    #[cold]
    fn read(text: &str) -> Option<Self> {
        serde_json::from_str::<IgnoredAny>(text).ok()?;
        match &*find_field::<Cow<'_, str>>(text, "type")? {
            "$ping" => Some(Self::Ping),
            "$pong" => Some(Self::Pong),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_of_life_and_what_only_looks_like_them() {
        for (text, probe) in [
            (r#"{"type":"$ping"}"#, Some(Probe::Ping)),
            (r#" { "id" : 7, "type" : "\u0024ping" } "#, Some(Probe::Ping)),
            (r#"{"type":"$pong"}"#, Some(Probe::Pong)),
            (r#"{"type":"$pin"}"#, None),
            (r#"{"$ping":{}}"#, None),
            (r#"{"type":"ping"}"#, None),
            (r#"{"type":"say","text":"$ping"}"#, None),
            (r#"{"type":"$ping""#, None),
            (r#"{"type":"$ping","type":"$ping"}"#, None),
            (r#""$ping""#, None),
            (r#"{"type":"$ping"}}"#, None),
            (r#"{"type":7,"x":"$ping"}"#, None),
            ("$ping", None),
        ] {
            assert_eq!(Probe::of(text), probe, "{text}");
        }
        let long = format!(r#"{{"type":"$ping","x":"{}"}}"#, "x".repeat(64));
        assert_eq!(Probe::of(&long), None);
    }
}
