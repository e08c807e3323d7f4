//! Fuzzes compression in both directions. For any parameters and any division of the client's bytes
//! into pieces, a second implementation must agree on the messages that are received and on the
//! close code, and must read what is sent, with the window that was agreed on. Memory must be
//! bounded by the bytes that have arrived and by what they are decompressed to.

#![no_main]

use std::{
    alloc::System,
    sync::{Arc, Mutex},
};

use arbitrary::Unstructured;
use fuzz::{
    HANDSHAKE, Piece,
    compression::{CompressionInput, NegotiatedParameters, Reply, client_bytes},
    frames::{ClientEnd, ClientTranscript, ServerFrame, close_code, decode_client, server_frames},
    serve, simulate, split,
};
use ignitia::{
    Error, Message, Response, ResponseExt, Router, Shutdown, WebSocketConnection,
    rooms::{History, RoomConfig, Rooms},
    websocket::WebSocketConfig,
};
use libfuzzer_sys::fuzz_target;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static HEAP: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Maximum number of bytes that a connection may allocate in total: compressors and decompressors
/// of a thread included.
const MAX_PER_CONNECTION: usize = 4 << 20;

/// Maximum number of bytes that it may allocate in addition for each byte that arrives, and for
/// each one that a message is decompressed to.
const MAX_PER_BYTE: usize = 64;

/// Messages that the handler has received, with its replies.
type Received = Arc<Mutex<Vec<(Reply, Message)>>>;

fuzz_target!(|input: &[u8]| {
    let mut rest = Unstructured::new(input);
    let Ok(plan) = rest.arbitrary::<CompressionInput>() else { return };
    let (plan, bytes) = (Arc::new(plan), client_bytes(rest));
    let offer = plan.offer();
    let (early, late) = bytes.split_at(usize::from(plan.early).min(bytes.len()));
    let request = HANDSHAKE.strip_suffix(b"\r\n").expect("it ends with an empty line");
    let header = format!("Sec-WebSocket-Extensions: {offer}\r\n\r\n");
    let head = [request, header.as_bytes(), early].concat();
    for (sizes, width) in [(&[][..], 0), (&plan.piece_sizes[..], plan.width)] {
        let mut pieces = vec![Piece::Bytes(head.clone()), Piece::Pause];
        pieces.extend(split(late, sizes));
        let region = Region::new(HEAP);
        let (sent, received) = simulate(converse(plan.clone(), pieces, width));
        let allocated = region.change().bytes_allocated;
        let parameters = NegotiatedParameters::of_response(&sent);
        if let Some(parameters) = &parameters {
            parameters.check(&offer);
        }
        let compression = parameters.as_ref().map(NegotiatedParameters::of_client);
        let transcript = decode_client(&bytes, plan.limits(), compression);
        check_received(&transcript, &received);
        check_sent(&plan, parameters, &transcript, &received, &sent);
        let decompressed = received.iter().map(|(_, message)| length(message)).sum::<usize>();
        let most = bytes.len() + decompressed + plan.limits().message.min(1_100 * bytes.len());
        assert!(allocated <= MAX_PER_CONNECTION + MAX_PER_BYTE * most, "{allocated} bytes allocated");
    }
});

/// Runs a handler that replies in all ways. Returns the bytes that it sends, and the messages that
/// it receives, with its replies.
async fn converse(
    plan: Arc<CompressionInput>,
    pieces: Vec<Piece>,
    width: u8,
) -> (Vec<u8>, Vec<(Reply, Message)>) {
    let received = Received::default();
    let (shutdown, notes) = (Shutdown::new(), received.clone());
    let config = WebSocketConfig::default()
        .max_message_size(plan.limits().message)
        .max_fragments(plan.limits().fragments)
        .outbox_bytes(1 << 30)
        .outbox_messages(1 << 20)
        .compression(plan.config());
    let rooms = Rooms::<Message>::with_config_by_name(|name| {
        let config = RoomConfig::default();
        if name == "remembers" { config.history(History::default()) } else { config }
    });
    let handler = move |mut ws: WebSocketConnection| {
        let (plan, notes, rooms) = (plan.clone(), notes.clone(), rooms.clone());
        async move {
            let plain = rooms.join("plain", &ws)?;
            let remembers = rooms.join("remembers", &ws)?;
            let mut number = 0;
            while let Some(message) = ws.recv().await {
                let reply = if message.is_data() { plan.reply(number) } else { Reply::None };
                notes.lock().expect("no thread has panicked").push((reply, message.clone()));
                if !message.is_data() {
                    continue;
                }
                number += 1;
                match (reply, message) {
                    (Reply::Echo, message) => ws.send(message).await?,
                    (Reply::UncompressedEcho, Message::Text(text)) => {
                        ws.send_text(text).uncompressed().await?;
                    }
                    (Reply::UncompressedEcho, Message::Binary(bytes)) => {
                        ws.send_binary(bytes).uncompressed().await?;
                    }
                    (Reply::Broadcast, message) => drop(plain.broadcast(&message)?),
                    (Reply::UncompressedBroadcast, message) => {
                        plain.uncompressed().broadcast(&message)?;
                    }
                    (Reply::RememberedBroadcast, message) => {
                        remembers.broadcast(&Message::Text(object(&message)))?;
                    }
                    (Reply::None | Reply::UncompressedEcho, _) => {}
                }
            }
            Ok::<_, Error>(Response::ok())
        }
    };
    let router = Router::<()>::new().websocket_with("/ws", handler, config).shutdown(shutdown.clone());
    let sent = serve(router.into_axum().expect("one route"), &shutdown, pieces, width).await;
    let received = std::mem::take(&mut *received.lock().expect("no thread has panicked"));
    (sent, received)
}

/// Returns an object with the content of a message.
fn object(message: &Message) -> String {
    let (_, content) = frame(message).expect("only data is sent back");
    format!(r#"{{"is":{}}}"#, serde_json::Value::from(String::from_utf8_lossy(&content)))
}

/// Returns the opcode and the payload of a data message.
fn frame(message: &Message) -> Option<(u8, Vec<u8>)> {
    match message {
        Message::Text(text) => Some((1, text.clone().into_bytes())),
        Message::Binary(bytes) => Some((2, bytes.to_vec())),
        _ => None,
    }
}

fn length(message: &Message) -> usize {
    frame(message).map_or(0, |(_, payload)| payload.len())
}

/// Checks that the handler has received all data messages.
fn check_received(transcript: &ClientTranscript, received: &[(Reply, Message)]) {
    let received: Vec<_> = received.iter().filter_map(|(_, message)| frame(message)).collect();
    for (number, (message, expected)) in received.iter().zip(&transcript.data).enumerate() {
        assert_eq!(message, expected, "another message was received, {number}");
    }
    assert_eq!(received.len(), transcript.data.len(), "messages received, {:?}", transcript.end);
}

/// Checks that the client can read all replies, in order, and that they are compressed only where
/// they may be.
fn check_sent(
    plan: &CompressionInput,
    parameters: Option<NegotiatedParameters>,
    transcript: &ClientTranscript,
    received: &[(Reply, Message)],
    sent: &[u8],
) {
    let mut inflater = parameters.map(|parameters| parameters.of_server());
    let mut replies = received.iter().filter(|(reply, _)| *reply != Reply::None);
    let mut pongs = transcript.controls.iter().filter(|(opcode, _)| *opcode == 9);
    let (config, is_exact) = (plan.config(), transcript.end != Some(ClientEnd::BrokenBeforeItsEnd));
    for ServerFrame { opcode, is_compressed, payload } in server_frames(sent) {
        match opcode {
            8 => check_close(transcript, close_code(&payload)),
            10 if is_exact => assert_eq!(pongs.next().map(|(_, ping)| ping), Some(&payload), "a pong"),
            10 => {}
            _ => {
                let (reply, message) = replies.next().expect("a message that is no reply");
                let content = if is_compressed {
                    let inflater = inflater.as_mut().expect("compression was not agreed on");
                    inflater.inflate(&payload)
                } else {
                    payload.clone()
                };
                let mut expected = frame(message).expect("a data message");
                if *reply == Reply::RememberedBroadcast {
                    expected = (1, with_position(&object(message), &content));
                }
                assert_eq!((opcode, &content), (expected.0, &expected.1), "{reply:?}");
                if is_compressed {
                    let is_kind = if opcode == 1 { config.text } else { config.binary };
                    assert!(is_kind && content.len() >= config.min_size, "{reply:?} of {}", content.len());
                    assert!(payload.len() < content.len(), "a message is longer compressed");
                    let is_uncompressed =
                        matches!(reply, Reply::UncompressedEcho | Reply::UncompressedBroadcast);
                    assert!(!is_uncompressed, "{reply:?}");
                }
            }
        }
    }
    assert_eq!(replies.next(), None, "a reply is missing");
    assert!(!is_exact || pongs.next().is_none(), "a pong is missing");
}

/// Returns an object with the position that a broadcast has.
fn with_position(object: &str, content: &[u8]) -> Vec<u8> {
    let fields = object.strip_suffix('}').expect("an object");
    let position = content.get(fields.len()..).unwrap_or_default();
    let text = str::from_utf8(position).expect("text");
    let digits = text.strip_prefix(r#","$at":""#).and_then(|text| text.strip_suffix(r#""}"#));
    digits.expect("a position").parse::<ignitia::rooms::Position>().expect("a position");
    [fields.as_bytes(), position].concat()
}

fn check_close(transcript: &ClientTranscript, code: u16) {
    let expected: &[u16] = match transcript.end.as_ref().expect("every transcript has an end") {
        ClientEnd::Close(None) => &[1005],
        ClientEnd::Close(Some((code, _))) | ClientEnd::Violation(code) => std::slice::from_ref(code),
        ClientEnd::TooBigAndInvalid => &[1007, 1009],
        ClientEnd::BrokenBeforeItsEnd => &[1007, 1002, 1008, 1009],
        ClientEnd::Missing => &[1002],
    };
    assert!(expected.contains(&code), "close code {code} where {expected:?} belongs");
}
