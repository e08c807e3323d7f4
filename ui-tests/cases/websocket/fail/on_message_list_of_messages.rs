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

#[websocket("/r", on_message)]
async fn r(asks: Vec<Ask>) -> Tell {
    drop(asks);
    Tell::Said
}

fn main() {
    let _ = Router::new().mount(r);
}
