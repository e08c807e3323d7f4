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

struct Table;

#[websocket("/r", message = Vec<Ask>, reply = Tell)]
impl Table {
    async fn accept() -> Self {
        Self
    }
    #[on(Say { text })]
    async fn say(&mut self, text: String) -> Tell {
        drop(text);
        Tell::Said
    }
}

fn main() {
    let _ = Router::new().mount_session::<Table>();
}
