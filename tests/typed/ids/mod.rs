//! Correlation ids: `id = ".."`.

mod fields;
mod malformed;
mod replies;

use ignitia::{ClientMessage, ServerMessage, prelude::*};
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum In {
    Fine,
    Text { text: String },
    Many { count: u32 },
    Fail,
    Nothing,
    FailAndClose,
}

#[derive(Serialize, ServerMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Out {
    Fine,
    Text { text: String },
    Number { number: u32 },
}

#[derive(Debug)]
struct Failure {
    closes: bool,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("failure")
    }
}

impl MessageError for Failure {
    fn code(&self) -> &'static str {
        "failure"
    }

    fn public_message(&self) -> std::borrow::Cow<'_, str> {
        "it failed".into()
    }

    fn close(&self) -> Option<CloseFrame> {
        self.closes.then(|| CloseFrame { code: 4000, reason: "that was all".into() })
    }
}

#[websocket("/function", on_message, id = "id")]
async fn function(message: In) -> Result<Vec<Out>, Failure> {
    match message {
        In::Fine => Ok(vec![Out::Fine]),
        In::Text { text } => Ok(vec![Out::Text { text }]),
        In::Many { count } => Ok((0..count).map(|number| Out::Number { number }).collect()),
        In::Fail => Err(Failure { closes: false }),
        In::Nothing => Ok(Vec::new()),
        In::FailAndClose => Err(Failure { closes: true }),
    }
}

struct Session;

#[websocket("/session", message = In, reply = Out, id = "id")]
impl Session {
    async fn accept() -> Self {
        Self
    }

    #[on(Fine)]
    async fn fine(&mut self) -> Option<Out> {
        Some(Out::Fine)
    }

    #[on(Text { text })]
    async fn text(&mut self, text: String) -> Result<Out, Failure> {
        Ok(Out::Text { text })
    }

    #[on(Many { count })]
    async fn many(&mut self, count: u32) -> Vec<Out> {
        (0..count).map(|number| Out::Number { number }).collect()
    }

    #[on(Fail)]
    async fn fail(&mut self) -> Result<(), Failure> {
        Err(Failure { closes: false })
    }

    #[on(Nothing)]
    async fn nothing(&mut self) {}

    #[on(FailAndClose)]
    async fn fail_and_close(&mut self) -> Result<Out, Failure> {
        Err(Failure { closes: true })
    }
}

const PATHS: [&str; 2] = ["/function", "/session"];

fn router() -> Router {
    Router::new().mount(function).mount_session::<Session>()
}

const INVALID: &str = "a number or a string, of at most 128 bytes";

fn invalid_id() -> Value {
    json!({
        "type": "$error", "code": "invalid_id", "path": "id", "message": "the id cannot be used",
        "expected": [INVALID],
    })
}

#[derive(Serialize, Deserialize, ClientMessage, ServerMessage)]
#[serde(tag = "t", content = "c")]
enum Adjacent {
    Unit,
    Fields { id: u8 },
    Number(u8),
    Pair(u8, u8),
}

/// The fields are in the content: an id cannot be mistaken for one.
#[websocket("/adjacent", on_message, id = "request id")]
async fn adjacent(message: Adjacent) -> Adjacent {
    message
}
