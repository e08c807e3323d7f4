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
    MESSAGE_SHAPES
        .iter()
        .map(|kind| GrowthCase::new(kind.name, |port, bytes, messages| kind.converse(port, bytes, messages)))
}

#[websocket("/typed", on_message, id = "id")]
async fn typed(ask: GrowthRequest) -> GrowthReply {
    match ask {
        GrowthRequest::Sum { of } => drop(of),
        GrowthRequest::Say { text, count } => drop((text, count)),
    }
    GrowthReply::Done
}

pub(super) fn router() -> Router {
    Router::new().websocket_config(WebSocketConfig::default().malformed_limit(1_000)).mount(typed)
}
