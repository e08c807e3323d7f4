use ignitia::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum Ask<'a> {
    Say {
        #[serde(borrow)]
        text: std::borrow::Cow<'a, str>,
    },
}

#[derive(Serialize, ServerMessage)]
#[serde(tag = "type")]
enum Tell {
    Said,
}

#[websocket("/r", on_message)]
async fn r<'a>(ask: Ask<'a>) -> Tell {
    let Ask::Say { text } = ask;
    drop(text);
    Tell::Said
}

fn main() {
    let _ = Router::new().mount(r);
}
