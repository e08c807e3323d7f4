use ignitia::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum Ask {
    Say { text: String },
}

#[derive(Serialize, ServerMessage)]
#[serde(tag = "type")]
enum Tell {
    Said,
}

#[websocket("/r")]
async fn r(ws: WebSocketConnection, ask: Ask) -> Tell {
    let _ = ws;
    let Ask::Say { text } = ask;
    drop(text);
    Tell::Said
}

fn main() {
    let _ = Router::new().mount(r);
}
