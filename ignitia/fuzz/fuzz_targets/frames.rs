//! Fuzzes the decoder and the answers of an echo. For any division of the bytes into pieces, a
//! reference decoder must agree on the messages and the close code, and memory must be bounded by
//! the bytes that have arrived.

#![no_main]

use std::{
    alloc::System,
    sync::{Arc, Mutex},
};

use arbitrary::Unstructured;
use fuzz::{
    HANDSHAKE, Piece,
    frames::{
        ClientEnd, ClientTranscript, FrameLimits, FramesInput, ServerTranscript, client_bytes, decode_client,
        decode_server,
    },
    serve, simulate, split,
};
use ignitia::{
    Error, Message, Response, ResponseExt, Router, Shutdown, WebSocketConnection, websocket::WebSocketConfig,
};
use libfuzzer_sys::fuzz_target;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static HEAP: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Maximum number of bytes that a connection may allocate in total.
const MAX_PER_CONNECTION: usize = 512 << 10;

/// Maximum number of bytes that it may allocate in addition for each byte that arrives: a small
/// frame needs more memory than its size.
const MAX_PER_BYTE: usize = 64;

fuzz_target!(|input: &[u8]| {
    let mut rest = Unstructured::new(input);
    let Ok(plan) = rest.arbitrary::<FramesInput>() else { return };
    let (limits, bytes) = (plan.limits(), client_bytes(&plan, rest));
    let transcript = decode_client(&bytes, limits, None);
    let expected = ExpectedAnswers::of(&transcript);
    let (early, late) = bytes.split_at(usize::from(plan.early).min(bytes.len()));
    let head = [HANDSHAKE, early].concat();
    for (sizes, width) in [(&[][..], 0), (&plan.piece_sizes[..], plan.width)] {
        let mut pieces = vec![Piece::Bytes(head.clone()), Piece::Pause];
        pieces.extend(split(late, sizes));
        let region = Region::new(HEAP);
        let (sent, received) = simulate(converse(limits, pieces, width));
        let allocated = region.change().bytes_allocated;
        assert!(allocated <= MAX_PER_CONNECTION + MAX_PER_BYTE * bytes.len(), "{allocated} bytes allocated");
        let answers = decode_server(&sent);
        assert_eq!(answers, expected.answers, "of {transcript:?}, in pieces of {sizes:?}");
        expected.check(&transcript, received);
    }
});

/// Runs an echo, and returns the bytes that it sends and the messages that its handler receives.
async fn converse(limits: FrameLimits, pieces: Vec<Piece>, width: u8) -> (Vec<u8>, Vec<Message>) {
    let received = Arc::new(Mutex::new(Vec::new()));
    let (shutdown, notes) = (Shutdown::new(), received.clone());
    let echo = move |mut ws: WebSocketConnection| {
        let notes = notes.clone();
        async move {
            while let Some(message) = ws.recv().await {
                notes.lock().expect("no thread has panicked").push(message.clone());
                if message.is_data() {
                    ws.send(message).await?;
                }
            }
            Ok::<_, Error>(Response::ok())
        }
    };
    let config = WebSocketConfig::default().max_message_size(limits.message).max_fragments(limits.fragments);
    let router = Router::new().websocket_with("/ws", echo, config).shutdown(shutdown.clone());
    let sent = serve(router.into_axum().expect("one route"), &shutdown, pieces, width).await;
    let received = std::mem::take(&mut *received.lock().expect("no thread has panicked"));
    (sent, received)
}

/// Expected frames of the server.
struct ExpectedAnswers {
    answers: ServerTranscript,
}

impl ExpectedAnswers {
    fn of(transcript: &ClientTranscript) -> Self {
        let pings = transcript.controls.iter().filter(|(opcode, _)| *opcode == 9);
        let close = match transcript.end.as_ref().expect("every transcript has an end") {
            ClientEnd::Close(None) => 1005,
            ClientEnd::Close(Some((code, _))) | ClientEnd::Violation(code) => *code,
            ClientEnd::Missing => 1002,
            ClientEnd::TooBigAndInvalid | ClientEnd::BrokenBeforeItsEnd => {
                unreachable!("nothing is compressed")
            }
        };
        let pongs = pings.map(|(_, payload)| payload.clone()).collect();
        Self { answers: ServerTranscript { data: transcript.data.clone(), pongs, close } }
    }

    /// Checks the messages that the handler has received: all data messages, no other pings and
    /// pongs than were sent, and the peer's close frame once.
    fn check(&self, transcript: &ClientTranscript, received: Vec<Message>) {
        let (mut data, mut controls, mut closes) = (transcript.data.iter(), transcript.controls.iter(), 0);
        for message in received {
            let frame = match message {
                Message::Text(text) => (1, text.into_bytes()),
                Message::Binary(bytes) => (2, bytes.into()),
                Message::Ping(bytes) => (9, bytes.into()),
                Message::Pong(bytes) => (10, bytes.into()),
                Message::Close(frame) => {
                    let frame = frame.map(|frame| (frame.code, frame.reason));
                    assert_eq!(transcript.end, Some(ClientEnd::Close(frame)));
                    closes += 1;
                    continue;
                }
            };
            if frame.0 < 8 {
                assert_eq!(Some(&frame), data.next(), "another message was received");
            } else {
                assert!(controls.any(|control| *control == frame), "the client has not sent {frame:?}");
            }
        }
        assert_eq!(data.next(), None, "a message was not received");
        assert_eq!(
            closes,
            usize::from(matches!(transcript.end, Some(ClientEnd::Close(_)))),
            "close frames received"
        );
    }
}
