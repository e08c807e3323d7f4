//! Liveness probes, in JSON: `{"type":"$ping"}` and `{"type":"$pong"}`, in every representation of
//! messages.

use std::borrow::Cow;

use serde::de::IgnoredAny;

use super::{correlation_id::Id, decode::find_field};
use crate::connection::{Probe, ProbeReader, WebSocketConnection};

/// Has the connection itself handle liveness probes from now on: what a handler is at, and how many
/// messages wait for it, must not matter to them. A `$pong` repeats the id of its `$ping`, if the
/// endpoint's ids have a name.
pub(super) fn handle_probes(ws: &WebSocketConnection, id_name: Option<&'static str>) {
    ws.handle_probes(ProbeReader { id_name, read });
}

/// Reads a probe. The text was found to be short, and to hold a dollar sign or an escape.
#[cold]
fn read(text: &str, id_name: Option<&'static str>) -> Option<Probe> {
    serde_json::from_str::<IgnoredAny>(text).ok()?;
    match &*find_field::<Cow<'_, str>>(text, "type")? {
        "$ping" => Some(Probe::Ping { answer: pong(text, id_name) }),
        "$pong" => Some(Probe::Pong),
        _ => None,
    }
}

/// Returns the answer to a `$ping`.
fn pong(ping: &str, id_name: Option<&'static str>) -> String {
    let id = id_name.and_then(|name| Some((name, find_field::<Id<'_>>(ping, name)?)));
    match id {
        Some((name, id)) => format!(r#"{{"type":"$pong",{name:?}:{}}}"#, id.json()),
        None => r#"{"type":"$pong"}"#.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ping() -> Probe {
        Probe::Ping { answer: r#"{"type":"$pong"}"#.to_owned() }
    }

    #[test]
    fn signs_of_life_and_what_only_looks_like_them() {
        for (text, probe) in [
            (r#"{"type":"$ping"}"#, Some(ping())),
            (r#" { "id" : 7, "type" : "\u0024ping" } "#, Some(ping())),
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
            assert_eq!(read(text, None), probe, "{text}");
        }
    }
}
