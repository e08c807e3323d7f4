//! Typed messages, those that are refused above all: what is wrong with them is looked for a second time.

use ignitia::{prelude::*, websocket::WebSocketConfig};
use serde::{Deserialize, Serialize};

use super::{Grown, counted::Client, elements};

#[derive(Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Ask {
    Sum { of: Vec<i64> },
    Say { text: String, count: u8 },
}

#[derive(Serialize, ServerMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Tell {
    Done,
}

/// What is sent: the text in front of what grows, the next element, and the text behind it.
struct Kind {
    name: &'static str,
    before: &'static str,
    element: fn(usize) -> String,
    behind: &'static str,
}

const KINDS: [Kind; 11] = [
    Kind {
        name: "a list, good",
        before: r#"{"type":"sum","of":["#,
        element: |n| format!("{n},"),
        behind: "0]}",
    },
    Kind {
        name: "a list, its last element wrong",
        before: r#"{"type":"sum","of":["#,
        element: |n| format!("{n},"),
        behind: r#""x"]}"#,
    },
    Kind {
        name: "a list in front of the tag",
        before: r#"{"of":["#,
        element: |n| format!("{n},"),
        behind: r#"0],"type":"sum"}"#,
    },
    Kind {
        name: "a list in front of a wrong tag",
        before: r#"{"of":["#,
        element: |n| format!("{n},"),
        behind: r#"0],"type":"unheard"}"#,
    },
    Kind {
        name: "fields that nobody knows",
        before: r#"{"type":"say","#,
        element: |n| format!(r#""f{n}":{n},"#),
        behind: r#""text":"x"}"#,
    },
    Kind {
        name: "fields that come again",
        before: r#"{"type":"say","#,
        element: |_| r#""count":1,"#.into(),
        behind: r#""text":"x"}"#,
    },
    Kind {
        name: "fields in front of the id",
        before: r#"{"type":"say","#,
        element: |n| format!(r#""f{n}":{n},"#),
        behind: r#""id":7}"#,
    },
    Kind {
        name: "escapes, good",
        before: r#"{"type":"say","count":1,"text":""#,
        element: |_| r"\u00e4\n".into(),
        behind: r#""}"#,
    },
    Kind {
        name: "escapes in front of a mistake",
        before: r#"{"type":"say","text":""#,
        element: |_| r"\u00e4\n".into(),
        behind: r#"","count":-1}"#,
    },
    Kind {
        name: "a tag that is long",
        before: r#"{"type":""#,
        element: |n| format!("t{n}"),
        behind: r#""}"#,
    },
    Kind { name: "no JSON at all", before: "", element: |n| format!("n{n}"), behind: "" },
];

impl Kind {
    /// Sends so many of them, and reads the answers.
    fn converse(&self, port: u16, bytes: usize, messages: usize) {
        let text = format!("{}{}{}", self.before, elements(bytes, self.element), self.behind);
        let mut client = Client::connect(port, "/typed");
        for _ in 0..messages {
            client.send(&text, 1);
            client.recv();
        }
        client.close();
    }
}

/// All of them. Each unit is a message and its answer.
pub(super) fn grown() -> impl Iterator<Item = Grown> {
    KINDS
        .iter()
        .map(|kind| Grown::new(kind.name, |port, bytes, messages| kind.converse(port, bytes, messages)))
}

#[websocket("/typed", on_message, id = "id")]
async fn typed(ask: Ask) -> Tell {
    match ask {
        Ask::Sum { of } => drop(of),
        Ask::Say { text, count } => drop((text, count)),
    }
    Tell::Done
}

pub(super) fn router() -> Router {
    Router::new()
        .websocket_config(WebSocketConfig { malformed_limit: 1_000, ..Default::default() })
        .mount(typed)
}
