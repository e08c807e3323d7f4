//! Documentation, conditions and lints on `on_message` functions, and conditions on what they name.

#![deny(warnings, missing_docs)]

use ignitia::prelude::*;
use serde::{Deserialize, Serialize};

/// What is asked.
#[derive(Deserialize, ClientMessage)]
#[serde(tag = "type")]
pub enum Ask {
    /// Says something.
    Say {
        /// What.
        text: String,
        /// How loud, where that is known.
        #[cfg(any())]
        volume: Volume,
    },
    /// Switched off.
    #[cfg(any())]
    Shout(NoSuchType),
    /// Switched on.
    #[cfg(all())]
    Leave,
}

/// What is told.
#[derive(Serialize, ServerMessage)]
#[serde(tag = "type")]
#[non_exhaustive]
pub enum Told {
    /// Somebody said something.
    Said {
        /// What.
        text: String,
    },
    /// Switched off.
    #[cfg(any())]
    Shouted(NoSuchType),
}

#[cfg(any())]
type Word = NoSuchType;
#[cfg(all())]
type Word = String;

/// Echoes.
///
/// Whoever says something hears it.
#[websocket("/echo/<room>", on_message)]
#[allow(unused_variables)]
pub async fn echo(room: Word, msg: Ask) -> Option<Told> {
    let greeting = "hello";
    match msg {
        Ask::Say { text } => Some(Told::Said { text: room + &text }),
        Ask::Leave => None,
    }
}

/// Hidden.
#[doc(hidden)]
#[websocket("/hidden", on_message)]
#[expect(unused_variables, reason = "the greeting comes later")]
pub async fn hidden(_: Ask) {
    let greeting = "hello";
}

#[deprecated = "take `echo`"]
#[websocket("/old", on_message, id = "id")]
async fn old(_: Ask) {}

#[allow(deprecated)]
fn with_old(router: Router) -> Router {
    router.mount(old)
}

#[cfg(any())]
#[websocket("/switched", on_message, id = "id")]
async fn switched(_: NoSuchType) -> AnotherOne {
    no_such_function()
}

#[cfg(not(any()))]
#[websocket("/switched", on_message, id = "id")]
async fn switched(_: Ask) -> Option<Told> {
    None
}

#[websocket("/switched-below", on_message, id = "id")]
#[cfg(any())]
async fn switched_below(_: NoSuchType) -> AnotherOne {
    no_such_function()
}

#[websocket("/switched-below", on_message, id = "id")]
#[cfg(not(any()))]
async fn switched_below(_: Ask) -> Option<Told> {
    None
}

#[websocket("/switched-argument", on_message)]
async fn switched_argument(ws: WebSocketConnection, msg: Ask) -> Result<()> {
    match msg {
        Ask::Say { text } => ws.send_text(text).await,
        #[cfg(any())]
        Ask::Shout(text) => ws.send_text(text).await,
        Ask::Leave => ws.close(None).await,
    }
}

#[cfg_attr(all(), websocket("/conditional", on_message))]
async fn conditional(_: Ask) {}

fn main() {
    let router = Router::new()
        .mount(echo)
        .mount(hidden)
        .mount(switched)
        .mount(switched_below)
        .mount(switched_argument)
        .mount(conditional);
    assert!(with_old(router).into_axum().is_ok());
}
