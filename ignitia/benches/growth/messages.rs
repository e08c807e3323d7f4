//! Typed messages, mostly malformed ones: the diagnosis of an error reads the message again.

use ignitia::{prelude::*, websocket::WebSocketConfig};
use serde::{Deserialize, Serialize};

use super::{
    case::{GrowthCase, elements},
    instrumented::BlockingClient,
};

#[derive(Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum GrowthRequest {
    Sum { of: Vec<i64> },
    Say { text: String, count: u8 },
}

#[derive(Serialize, ServerMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum GrowthReply {
    Done,
}

/// A message, made of a prefix, numbered elements and a suffix.
struct MessageShape {
    name: &'static str,
    before: &'static str,
    element: fn(usize) -> String,
    after: &'static str,
}

const MESSAGE_SHAPES: [MessageShape; 11] = [
    MessageShape {
        name: "a list, good",
        before: r#"{"type":"sum","of":["#,
        element: |n| format!("{n},"),
        after: "0]}",
    },
    MessageShape {
        name: "a list, the last element invalid",
        before: r#"{"type":"sum","of":["#,
        element: |n| format!("{n},"),
        after: r#""x"]}"#,
    },
    MessageShape {
        name: "a list before the tag",
        before: r#"{"of":["#,
        element: |n| format!("{n},"),
        after: r#"0],"type":"sum"}"#,
    },
    MessageShape {
        name: "a list before a wrong tag",
        before: r#"{"of":["#,
        element: |n| format!("{n},"),
        after: r#"0],"type":"unheard"}"#,
    },
    MessageShape {
        name: "unknown fields",
        before: r#"{"type":"say","#,
        element: |n| format!(r#""f{n}":{n},"#),
        after: r#""text":"x"}"#,
    },
    MessageShape {
        name: "duplicate fields",
        before: r#"{"type":"say","#,
        element: |_| r#""count":1,"#.into(),
        after: r#""text":"x"}"#,
    },
    MessageShape {
        name: "fields before the id",
        before: r#"{"type":"say","#,
        element: |n| format!(r#""f{n}":{n},"#),
        after: r#""id":7}"#,
    },
    MessageShape {
        name: "escapes, good",
        before: r#"{"type":"say","count":1,"text":""#,
        element: |_| r"\u00e4\n".into(),
        after: r#""}"#,
    },
    MessageShape {
        name: "escapes before an error",
        before: r#"{"type":"say","text":""#,
        element: |_| r"\u00e4\n".into(),
        after: r#"","count":-1}"#,
    },
    MessageShape { name: "a long tag", before: r#"{"type":""#, element: |n| format!("t{n}"), after: r#""}"# },
    MessageShape { name: "no JSON at all", before: "", element: |n| format!("n{n}"), after: "" },
];

impl MessageShape {
    /// Sends `messages` messages with elements of `bytes` bytes each, and reads the replies.
    fn converse(&self, port: u16, bytes: usize, messages: usize) {
        let text = format!("{}{}{}", self.before, elements(bytes, self.element), self.after);
        let mut client = BlockingClient::connect(port, "/typed");
        for _ in 0..messages {
            client.send(&text, 1);
            client.recv();
        }
        client.close();
    }
}

/// Returns all cases. A unit is a message and its reply.
pub(super) fn cases() -> impl Iterator<Item = GrowthCase> {
    let typed = MESSAGE_SHAPES
        .iter()
        .map(|kind| GrowthCase::new(kind.name, |port, bytes, messages| kind.converse(port, bytes, messages)));
    typed.chain(compressed_cases())
}

#[cfg(not(feature = "compression"))]
fn compressed_cases() -> [GrowthCase; 0] {
    []
}

/// Returns cases of compressed messages: of zeros, in fragments, and in streams that end.
#[cfg(feature = "compression")]
fn compressed_cases() -> [GrowthCase; 2] {
    // Stored blocks: 0 is one that is not final, 1 a final one. The last block of a message has
    // fixed codes, and no bytes.
    let block = |first: u8| [&[first, 64, 0, !64, 0xff][..], &[b'x'; 64]].concat();
    const LAST: [u8; 2] = [2, 0];
    let converse = |port: u16, blocks: &[Vec<u8>], messages: usize| {
        let mut client = BlockingClient::connect_compressed(port, "/echo/compressed");
        for _ in 0..messages {
            client.send_compressed_in_fragments(blocks);
            client.recv_compressed();
        }
        client.close();
    };
    [
        GrowthCase::new("streams of a compressed message", move |port, bytes, messages| {
            // Each stream may refer to the window before it: it is full from the first one on.
            let blocks = [&full_window()[..], &block(1).repeat(bytes.div_ceil(69)), &LAST].concat();
            converse(port, &[blocks], messages);
        }),
        GrowthCase::new("fragments of a compressed message", move |port, bytes, messages| {
            let mut blocks = vec![block(0); 1 + bytes.div_ceil(69)];
            blocks.push(LAST.into());
            converse(port, &blocks, messages);
        }),
    ]
}

/// Returns compressed text that fills a window of 15 bits.
#[cfg(feature = "compression")]
fn full_window() -> Vec<u8> {
    let mut output = vec![0; 1 << 10];
    let mut deflate = zlib_rs::Deflate::new(6, false, 15);
    deflate.compress(&[b'x'; 1 << 15], &mut output, zlib_rs::DeflateFlush::SyncFlush).unwrap();
    output.truncate(deflate.total_out() as usize);
    output
}

/// Returns the configuration of routes with compression.
#[cfg(feature = "compression")]
pub(super) fn compressed() -> WebSocketConfig {
    WebSocketConfig::default().compression(ignitia::websocket::Compression::dedicated().min_size(0))
}

#[websocket("/typed", on_message, id = "id")]
async fn typed(ask: GrowthRequest) -> GrowthReply {
    match ask {
        GrowthRequest::Sum { of } => drop(of),
        GrowthRequest::Say { text, count } => drop((text, count)),
    }
    GrowthReply::Done
}

#[cfg(feature = "compression")]
async fn echo(mut ws: WebSocketConnection) -> Result<Response> {
    while let Some(message) = ws.recv().await {
        if message.is_data() {
            ws.send(message).await?;
        }
    }
    Ok(Response::ok())
}

pub(super) fn router() -> Router {
    let router = Router::new();
    #[cfg(feature = "compression")]
    let router = router.websocket_with("/echo/compressed", echo, compressed());
    router.websocket_config(WebSocketConfig::default().malformed_limit(1_000)).mount(typed)
}
