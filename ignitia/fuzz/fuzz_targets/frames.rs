//! From bytes to messages, and back. However the bytes are cut into pieces, a second decoder has to agree on the messages and
//! on the close code; memory grows with what has arrived.

#![no_main]

use std::{
    alloc::System,
    sync::{Arc, Mutex},
};

use arbitrary::Unstructured;
use fuzz::{
    HANDSHAKE, Piece, cut,
    frames::{Answers, End, Limits, Plan, Said, answers, listen, wire},
    serve, simulate,
};
use ignitia::{
    Error, Message, Response, ResponseExt, Router, Shutdown, WebSocketConnection, websocket::WebSocketConfig,
};
use libfuzzer_sys::fuzz_target;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// What a connection may allocate for itself, all in all.
const CONNECTION: usize = 512 << 10;

/// What it may allocate in addition for every byte that arrives: frames are smaller than what is kept for them.
const BYTE: usize = 64;

fuzz_target!(|input: &[u8]| {
    let mut rest = Unstructured::new(input);
    let Ok(plan) = rest.arbitrary::<Plan>() else { return };
    let (limits, bytes) = (plan.limits(), wire(&plan, rest));
    let said = listen(&bytes, limits);
    let expected = Expected::of(&said);
    let (early, late) = bytes.split_at(usize::from(plan.early).min(bytes.len()));
    let head = [HANDSHAKE, early].concat();
    for (cuts, width) in [(&[][..], 0), (&plan.cuts[..], plan.width)] {
        let mut pieces = vec![Piece::Bytes(head.clone()), Piece::Pause];
        pieces.extend(cut(late, cuts));
        let region = Region::new(ALLOCATOR);
        let (sent, received) = simulate(converse(limits, pieces, width));
        let allocated = region.change().bytes_allocated;
        assert!(allocated <= CONNECTION + BYTE * bytes.len(), "{allocated} bytes allocated");
        let answers = answers(&sent);
        assert_eq!(answers, expected.answers, "of {said:?}, in {cuts:?}");
        expected.check(&said, received);
    }
});

/// An echo's side of it: what it sends, and what its handler receives.
async fn converse(limits: Limits, pieces: Vec<Piece>, width: u8) -> (Vec<u8>, Vec<Message>) {
    let received = Arc::new(Mutex::new(Vec::new()));
    let (shutdown, notes) = (Shutdown::new(), received.clone());
    let echo = move |mut ws: WebSocketConnection| {
        let notes = notes.clone();
        async move {
            while let Some(message) = ws.recv().await {
                notes.lock().expect("no panic is survived").push(message.clone());
                if message.is_data() {
                    ws.send(message).await?;
                }
            }
            Ok::<_, Error>(Response::ok())
        }
    };
    let config = WebSocketConfig {
        max_message_size: limits.message,
        max_fragments: limits.fragments,
        ..WebSocketConfig::default()
    };
    let router = Router::new().websocket_with("/ws", echo, config).shutdown(shutdown.clone());
    let sent = serve(router.into_axum().expect("one route"), &shutdown, pieces, width).await;
    let received = std::mem::take(&mut *received.lock().expect("no panic is survived"));
    (sent, received)
}

struct Expected {
    answers: Answers,
}

impl Expected {
    fn of(said: &Said) -> Self {
        let pings = said.controls.iter().filter(|(opcode, _)| *opcode == 9);
        let close = match said.end.as_ref().expect("everything ends") {
            End::Close(None) => 1005,
            End::Close(Some((code, _))) | End::Violation(code) => *code,
            End::Missing => 1002,
        };
        let pongs = pings.map(|(_, payload)| payload.clone()).collect();
        Self { answers: Answers { data: said.data.clone(), pongs, close } }
    }

    /// The handler is given all messages, no more pings and pongs than came, and the peer's close frame once.
    fn check(&self, said: &Said, received: Vec<Message>) {
        let (mut data, mut controls, mut closes) = (said.data.iter(), said.controls.iter(), 0);
        for message in received {
            let frame = match message {
                Message::Text(text) => (1, text.into_bytes()),
                Message::Binary(bytes) => (2, bytes.into()),
                Message::Ping(bytes) => (9, bytes.into()),
                Message::Pong(bytes) => (10, bytes.into()),
                Message::Close(frame) => {
                    let frame = frame.map(|frame| (frame.code, frame.reason));
                    assert_eq!(said.end, Some(End::Close(frame)));
                    closes += 1;
                    continue;
                }
            };
            if frame.0 < 8 {
                assert_eq!(Some(&frame), data.next(), "another message was received");
            } else {
                assert!(controls.any(|control| *control == frame), "nobody has sent {frame:?}");
            }
        }
        assert_eq!(data.next(), None, "a message was not received");
        assert_eq!(closes, usize::from(matches!(said.end, Some(End::Close(_)))), "close frames received");
    }
}
