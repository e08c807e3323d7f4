//! Peers that abuse HTTP/2 itself. Neither other streams of their connection nor other connections
//! suffer.

mod floods;
mod framing;
mod heads;
mod windows;
mod wire;

use ignitia::prelude::*;

use self::wire::{GOAWAY, HEADERS, RST_STREAM, Wire};
use crate::support::{Bystander, Running, Transport, echo};

const PROTOCOL_ERROR: u32 = 0x1;
const FLOW_CONTROL_ERROR: u32 = 0x3;
const STREAM_CLOSED: u32 = 0x5;
const FRAME_SIZE_ERROR: u32 = 0x6;
const REFUSED_STREAM: u32 = 0x7;
const CANCEL: u32 = 0x8;
const ENHANCE_YOUR_CALM: u32 = 0xb;

/// Answer of the server to an abuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    /// The connection ends, with a GOAWAY of this code.
    GoAway(u32),
    /// Its stream ends, with a RST_STREAM of this code.
    Reset(u32),
    /// Its stream is answered with this status.
    Status(u16),
    /// Nothing happens.
    Nothing,
    /// The connection ends without a GOAWAY.
    Ends,
}

/// Name of an abuse, its frames on [`STREAM`], beside a WebSocket on stream 1, and the answer.
type Row = (&'static str, Vec<u8>, Answer);

const STREAM: u32 = 3;

fn router() -> Router {
    Router::new().websocket("/ws", echo).get("/page", || async { "a page" })
}

async fn serve() -> Running {
    Transport::Http2.serve(router()).await
}

/// Expects the answer to every abuse, and that other streams and connections are served.
async fn answers(rows: Vec<Row>) {
    let server = serve().await;
    let mut bystander = Bystander::of(&server).await;
    for (name, bytes, answer) in rows {
        println!("{name}: {answer:?}");
        let mut wire = Wire::open(server.addr).await;
        wire.upgrade(1, "/ws").await;
        wire.send(&bytes).await;
        match answer {
            Answer::GoAway(code) => assert_eq!(wire.going_away().await, code),
            Answer::Reset(code) => {
                let reset = wire.about(STREAM).await;
                assert_eq!((reset.kind, reset.code()), (RST_STREAM, code), "{reset:?}");
            }
            Answer::Status(status) => {
                let head = wire.about(STREAM).await;
                assert_eq!(head.kind, HEADERS, "{head:?}");
                assert_eq!(head.status(), status);
            }
            Answer::Ends => {
                while let Ok(frame) = wire.next().await {
                    assert!(frame.stream == 0 && frame.kind != GOAWAY, "{frame:?}");
                }
            }
            Answer::Nothing => {
                let said = wire.probe().await.unwrap();
                assert!(said.iter().all(|frame| frame.stream == 0), "{said:?}");
            }
        }
        if !matches!(answer, Answer::GoAway(_) | Answer::Ends) {
            wire.echo(1, name).await;
        }
        bystander.is_served().await;
    }
}
