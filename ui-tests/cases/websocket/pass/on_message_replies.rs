//! What an `on_message` function may return.

#![deny(warnings)]

use std::{borrow::Cow, convert::Infallible, fmt};

use ignitia::{Reply, prelude::*};
use serde::{Deserialize, Serialize};

#[derive(Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum Ask {
    Say { text: String },
    Leave,
}

#[derive(Serialize, ServerMessage)]
#[serde(tag = "type")]
enum Told {
    Said { text: String },
    Left,
}

impl From<Ask> for Told {
    fn from(ask: Ask) -> Self {
        match ask {
            Ask::Say { text } => Told::Said { text },
            Ask::Leave => Told::Left,
        }
    }
}

#[derive(Debug)]
struct Muted;

impl fmt::Display for Muted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("muted")
    }
}

impl MessageError for Muted {
    fn code(&self) -> &'static str {
        "muted"
    }

    fn public_message(&self) -> Cow<'_, str> {
        "you cannot speak for a while".into()
    }
}

type Outcome<T = Told, E = Muted> = std::result::Result<T, E>;
type Echo = Told;

#[websocket("/nothing", on_message)]
async fn nothing(_: Ask) {}

#[websocket("/unit", on_message)]
async fn unit(_: Ask) -> () {}

#[websocket("/message", on_message)]
async fn message(ask: Ask) -> Told {
    ask.into()
}

#[websocket("/under-alias", on_message)]
async fn under_alias(ask: Ask) -> Echo {
    ask.into()
}

#[websocket("/option", on_message)]
async fn option(ask: Ask) -> Option<Told> {
    Some(ask.into())
}

#[websocket("/vec", on_message)]
async fn vec(ask: Ask) -> Vec<Told> {
    vec![ask.into(), Told::Left]
}

#[websocket("/frame", on_message)]
async fn frame(_: Ask) -> CloseFrame {
    CloseFrame { code: 4000, reason: "bye".into() }
}

#[websocket("/frame-perhaps", on_message)]
async fn frame_perhaps(ask: Ask) -> Option<CloseFrame> {
    matches!(ask, Ask::Leave).then(|| CloseFrame { code: 1000, reason: String::new() })
}

#[websocket("/result", on_message)]
async fn result(ask: Ask) -> Result<Told, Muted> {
    match ask {
        Ask::Leave => Err(Muted),
        ask => Ok(ask.into()),
    }
}

#[websocket("/result-of-unit", on_message)]
async fn result_of_unit(ws: WebSocketConnection, ask: Ask) -> Result<()> {
    match ask {
        Ask::Say { text } => ws.send_text(text).await,
        Ask::Leave => ws.close(None).await,
    }
}

#[websocket("/result-under-alias", on_message)]
async fn result_under_alias(ask: Ask) -> Outcome {
    Ok(ask.into())
}

#[websocket("/result-of-option", on_message)]
async fn result_of_option(ask: Ask) -> Outcome<Option<Told>> {
    Ok(Some(ask.into()))
}

#[websocket("/result-of-vec", on_message)]
async fn result_of_vec(ask: Ask) -> Outcome<Vec<Told>, Infallible> {
    Ok(vec![ask.into()])
}

#[websocket("/result-of-frame", on_message)]
async fn result_of_frame(_: Ask) -> Outcome<CloseFrame> {
    Err(Muted)
}

#[websocket("/some-message", on_message)]
async fn some_message(ask: Ask) -> impl ServerMessage {
    Told::from(ask)
}

#[websocket("/some-reply", on_message)]
async fn some_reply(ask: Ask) -> impl Reply {
    Some(Told::from(ask))
}

#[websocket("/some-message-or-error", on_message)]
async fn some_message_or_error(ask: Ask) -> Result<impl ServerMessage, Muted> {
    Ok(Told::from(ask))
}

#[websocket("/with-id", on_message, id = "id", on_malformed = close)]
async fn with_id(ask: Ask) -> Outcome<Vec<Told>> {
    Ok(vec![ask.into()])
}

#[websocket("/with-id-and-nothing", on_message, id = "request", on_malformed = ignore)]
async fn with_id_and_nothing(_: Ask) {}

fn main() {
    let router = Router::new()
        .mount(nothing)
        .mount(unit)
        .mount(message)
        .mount(under_alias)
        .mount(option)
        .mount(vec)
        .mount(frame)
        .mount(frame_perhaps)
        .mount(result)
        .mount(result_of_unit)
        .mount(result_under_alias)
        .mount(result_of_option)
        .mount(result_of_vec)
        .mount(result_of_frame)
        .mount(some_message)
        .mount(some_reply)
        .mount(some_message_or_error)
        .mount(with_id)
        .mount(with_id_and_nothing);
    assert!(router.into_axum().is_ok());
    assert_eq!((nothing::MESSAGE, nothing::REPLY), (Some("Ask"), None));
    assert_eq!((result::MESSAGE, result::REPLY), (Some("Ask"), Some("Result<Told, Muted>")));
}
