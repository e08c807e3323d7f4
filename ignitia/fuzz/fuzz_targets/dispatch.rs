//! Fuzzes typed messages. The decoder must accept and refuse the same texts as serde, with the same
//! values, and its errors must be valid and repeat nothing of the input. Over a connection, every
//! line must be answered, up to the malformed one that exceeds the limit.

#![no_main]

use fuzz::{
    HANDSHAKE, Piece,
    dispatch::{check_error_reply, compare_all},
    frames::decode_server,
    serve, simulate, text_frame,
};
use ignitia::{
    __private::decode, ClientMessage, ErrorReply, Malformed, Router, ServerMessage, Shutdown, websocket,
    websocket::WebSocketConfig,
};
use libfuzzer_sys::fuzz_target;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Maximum number of malformed messages.
const LIMIT: usize = 3;

#[derive(Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum FuzzRequest {
    Add { a: i32, b: i32 },
    Say { text: String },
    Quiet,
}

#[derive(Serialize, ServerMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum FuzzReply {
    Sum { value: i64 },
    Said { text: String },
}

#[websocket("/ws", on_message, id = "id")]
async fn answer(ask: FuzzRequest) -> Option<FuzzReply> {
    match ask {
        FuzzRequest::Add { a, b } => Some(FuzzReply::Sum { value: i64::from(a) + i64::from(b) }),
        FuzzRequest::Say { text } => Some(FuzzReply::Said { text }),
        FuzzRequest::Quiet => None,
    }
}

fuzz_target!(|input: &[u8]| {
    let Ok(input) = str::from_utf8(input) else { return };
    compare_all(input);
    let lines: Vec<&str> = input.split('\n').take(8).collect();
    let mut expected = Vec::new();
    let mut malformed = 0;
    for line in &lines {
        expected.extend(match decode::<FuzzRequest>(line, Some("id")) {
            Ok(decoded) => {
                let id = decoded.id.map(|id| serde_json::to_value(id).expect("ids are JSON"));
                reply(decoded.message, id)
            }
            Err(fault) => {
                malformed += 1;
                if malformed > LIMIT {
                    break;
                }
                check_error_reply(&fault);
                Some(error_reply(&fault, line))
            }
        });
    }
    let answers = decode_server(&simulate(converse(&lines)));
    let data = answers.data.into_iter().map(|(opcode, text)| {
        assert_eq!(opcode, 1, "JSON is text");
        serde_json::from_slice(&text).expect("JSON")
    });
    assert_eq!(data.collect::<Vec<Value>>(), expected);
    assert_eq!(answers.close, if malformed > LIMIT { 1008 } else { 1000 });
});

fn reply(message: FuzzRequest, id: Option<Value>) -> Option<Value> {
    let mut reply = match message {
        FuzzRequest::Add { a, b } => json!({"type": "sum", "value": i64::from(a) + i64::from(b)}),
        FuzzRequest::Say { text } => json!({"type": "said", "text": text}),
        FuzzRequest::Quiet => return None,
    };
    if let Some(id) = id {
        reply["id"] = id;
    }
    Some(reply)
}

/// Returns the expected error, with the id if the line has a valid one.
fn error_reply(malformed: &Malformed, line: &str) -> Value {
    let mut error_reply = serde_json::to_value(ErrorReply::from(malformed)).expect("JSON");
    #[derive(Deserialize)]
    struct RequestWithId {
        id: Option<Value>,
    }
    if let Ok(RequestWithId { id: Some(id) }) = serde_json::from_str(line)
        && (id.is_number() || id.as_str().is_some_and(|id| id.len() <= 128))
        && line.trim_ascii_start().starts_with('{')
    {
        error_reply["id"] = id;
    }
    error_reply
}

/// Sends the lines and a close frame, and returns the server's bytes.
async fn converse(lines: &[&str]) -> Vec<u8> {
    let shutdown = Shutdown::new();
    let config = WebSocketConfig::default().malformed_limit(LIMIT);
    let router = Router::new().mount_with(answer, config).shutdown(shutdown.clone());
    let mut sent = HANDSHAKE.to_vec();
    for line in lines {
        sent.extend(text_frame(line));
    }
    sent.extend(b"\x88\x82\0\0\0\0\x03\xe8");
    serve(router.into_axum().expect("one route"), &shutdown, [Piece::Bytes(sent)], 0).await
}
