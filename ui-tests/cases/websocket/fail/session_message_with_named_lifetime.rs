use ignitia::prelude::*;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

#[derive(Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum Ask<'a> {
    Say {
        #[serde(borrow)]
        text: Cow<'a, str>,
    },
}

#[derive(Serialize, ServerMessage)]
#[serde(tag = "type")]
enum Tell {
    Said,
}

struct Table;

#[websocket("/r", message = Ask<'a>, reply = Tell)]
impl Table {
    async fn accept() -> Self {
        Self
    }
    #[on(Say { text })]
    async fn say(&mut self, text: Cow<'_, str>) -> Tell {
        drop(text);
        Tell::Said
    }
}

fn main() {
    let _ = Router::new().mount_session::<Table>();
}
