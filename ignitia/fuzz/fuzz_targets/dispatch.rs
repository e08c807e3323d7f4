//! Typed messages: what serde takes is taken, what it refuses is refused, the values are the same, and what a client is told
//! about it is valid and repeats nothing. Over a connection, line by line, every message has its answer, up to the one that is
//! malformed once too often.

#![no_main]

use fuzz::{
    HANDSHAKE, Piece,
    dispatch::{check, compare_all},
    frames::answers,
    serve, simulate, text_frame,
};
use ignitia::{
    __private::decode, ClientMessage, ErrorReply, Malformed, Router, ServerMessage, Shutdown, websocket,
    websocket::WebSocketConfig,
};
use libfuzzer_sys::fuzz_target;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Malformed messages that are put up with.
const LIMIT: usize = 3;

#[derive(Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Ask {
    Add { a: i32, b: i32 },
    Say { text: String },
    Quiet,
}

#[derive(Serialize, ServerMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Tell {
    Sum { value: i64 },
    Said { text: String },
}

#[websocket("/ws", on_message, id = "id")]
async fn answer(ask: Ask) -> Option<Tell> {
    match ask {
        Ask::Add { a, b } => Some(Tell::Sum { value: i64::from(a) + i64::from(b) }),
        Ask::Say { text } => Some(Tell::Said { text }),
        Ask::Quiet => None,
    }
}

fuzz_target!(|input: &[u8]| {
    let Ok(input) = str::from_utf8(input) else { return };
    compare_all(input);
    let lines: Vec<&str> = input.split('\n').take(8).collect();
    let mut expected = Vec::new();
    let mut malformed = 0;
    for line in &lines {
        expected.extend(match decode::<Ask>(line, Some("id")) {
            Ok(decoded) => {
                let id = decoded.id.map(|id| serde_json::to_value(id).expect("ids are JSON"));
                reply(decoded.message, id)
            }
            Err(fault) => {
                malformed += 1;
                if malformed > LIMIT {
                    break;
                }
                check(&fault);
                Some(envelope(&fault, line))
            }
        });
    }
    let answers = answers(&simulate(converse(&lines)));
    let data = answers.data.into_iter().map(|(opcode, text)| {
        assert_eq!(opcode, 1, "JSON is text");
        serde_json::from_slice(&text).expect("JSON")
    });
    assert_eq!(data.collect::<Vec<Value>>(), expected);
    assert_eq!(answers.close, if malformed > LIMIT { 1008 } else { 1000 });
});

fn reply(message: Ask, id: Option<Value>) -> Option<Value> {
    let mut reply = match message {
        Ask::Add { a, b } => json!({"type": "sum", "value": i64::from(a) + i64::from(b)}),
        Ask::Say { text } => json!({"type": "said", "text": text}),
        Ask::Quiet => return None,
    };
    if let Some(id) = id {
        reply["id"] = id;
    }
    Some(reply)
}

/// With the id, if there is one that can be read.
fn envelope(malformed: &Malformed, line: &str) -> Value {
    let mut envelope = serde_json::to_value(ErrorReply::from(malformed)).expect("JSON");
    #[derive(Deserialize)]
    struct Asked {
        id: Option<Value>,
    }
    if let Ok(Asked { id: Some(id) }) = serde_json::from_str(line)
        && (id.is_number() || id.as_str().is_some_and(|id| id.len() <= 128))
        && line.trim_ascii_start().starts_with('{')
    {
        envelope["id"] = id;
    }
    envelope
}

/// Sends the lines and a close frame; what comes back.
async fn converse(lines: &[&str]) -> Vec<u8> {
    let shutdown = Shutdown::new();
    let config = WebSocketConfig { malformed_limit: LIMIT, ..WebSocketConfig::default() };
    let router = Router::new().mount_with(answer, config).shutdown(shutdown.clone());
    let mut sent = HANDSHAKE.to_vec();
    for line in lines {
        sent.extend(text_frame(line));
    }
    sent.extend(b"\x88\x82\0\0\0\0\x03\xe8");
    serve(router.into_axum().expect("one route"), &shutdown, [Piece::Bytes(sent)], 0).await
}
