//! Malformed input: the exact answer to the client, which never contains secrets.

mod input;
mod representations;

use std::collections::BTreeMap;

use ignitia::{ClientMessage, ServerMessage, prelude::*, websocket::WebSocketConfig};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::Value;

use crate::support::{ask, client, nothing_came};

/// A number beyond it is a secret of the application.
fn below_ten<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
    match u8::deserialize(deserializer)? {
        number @ 0..10 => Ok(number),
        number => Err(D::Error::custom(format!("RustSecret {number}"))),
    }
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "it is decoded, and that is all")]
struct RustItem {
    price: f64,
    #[serde(default)]
    size: Option<[u8; 2]>,
    #[serde(default)]
    colour: Option<RustColour>,
    #[serde(default)]
    counts: BTreeMap<String, i8>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum RustColour {
    Red,
    Green,
}

#[derive(Debug, Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
#[allow(dead_code, reason = "it is decoded, and that is all")]
enum RustInternal {
    Send {
        text: String,
        to: u64,
        #[serde(default)]
        items: Vec<RustItem>,
        #[serde(default, deserialize_with = "below_ten")]
        small: u8,
    },
    Leave,
}

#[derive(Debug, Deserialize, ClientMessage)]
#[serde(tag = "type", content = "data", rename_all = "snake_case", deny_unknown_fields)]
#[allow(dead_code, reason = "it is decoded, and that is all")]
enum RustAdjacent {
    Send { text: String, to: u64 },
    Pair(u8, bool),
    Leave,
}

#[derive(Debug, Deserialize, ClientMessage)]
#[serde(rename_all = "snake_case")]
#[allow(dead_code, reason = "it is decoded, and that is all")]
enum RustExternal {
    Send { text: String, to: u64 },
    Pair(u8, bool),
    Leave,
}

#[derive(Debug, Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
#[allow(dead_code, reason = "it is decoded, and that is all")]
enum RustStrict {
    Send { text: String, to: u64 },
}

#[derive(Debug, Serialize, ServerMessage)]
#[serde(tag = "type")]
enum RustReply {
    Fine,
}

#[websocket("/internal", on_message)]
async fn internal(_message: RustInternal) -> RustReply {
    RustReply::Fine
}

#[websocket("/adjacent", on_message)]
async fn adjacent(_message: RustAdjacent) -> RustReply {
    RustReply::Fine
}

#[websocket("/external", on_message)]
async fn external(_message: RustExternal) -> RustReply {
    RustReply::Fine
}

#[websocket("/strict", on_message, on_malformed = reply)]
async fn strict(_message: RustStrict) -> RustReply {
    RustReply::Fine
}

struct RustSession;

#[websocket("/session", message = RustInternal, reply = RustReply)]
impl RustSession {
    async fn accept() -> Self {
        Self
    }

    #[on(Send { .. })]
    async fn send(&mut self) -> RustReply {
        RustReply::Fine
    }

    #[on(Leave)]
    async fn leave(&mut self) -> RustReply {
        RustReply::Fine
    }
}

fn router() -> Router {
    let config = WebSocketConfig::default().malformed_limit(usize::MAX);
    Router::new()
        .mount(internal)
        .mount(adjacent)
        .mount(external)
        .mount(strict)
        .mount_session::<RustSession>()
        .websocket_config(config)
}

/// Compares the answers with envelopes, without their `type`.
async fn check(paths: &[&str], cases: &[(&str, Value)]) {
    let client = client(router());
    let mut differences = Vec::new();
    for path in paths {
        let mut socket = client.connect(path).await;
        for (text, expected) in cases {
            let mut expected = expected.clone();
            expected["type"] = "$error".into();
            let answer = ask(&mut socket, *text).await;
            if answer != expected {
                differences.push(format!("{path}: {text}\n     told: {answer}\n  instead: {expected}"));
            }
        }
        nothing_came(&mut socket).await;
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

fn not_json(details: &str) -> Value {
    json!({"code": "invalid_json", "message": format!("the message is not JSON: {details}")})
}
