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

#[websocket("/r", message = Ask, reply = Tell)]
impl Table {
    async fn accept() -> Self {
        Self
    }
    #[on(Say)]
    async fn say(&mut self, msg: Ask) -> Tell {
        drop(msg);
        Tell::Said
    }
}

fn main() {
    let _ = Router::new().mount_session::<Table>();
}
