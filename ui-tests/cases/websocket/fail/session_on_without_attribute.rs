// Warnings: 4
// Nobody mounts it, so rustc finds that nothing is used.
use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    Say { text: String },
    Leave,
}

#[derive(serde::Serialize, ServerMessage)]
#[serde(tag = "type")]
enum ServerMsg {
    Said { text: String },
}

struct Chat {
    room: String,
}

impl Chat {
    async fn accept(room: String) -> Self {
        Self { room }
    }

    async fn say(&mut self, text: String) -> ServerMsg {
        ServerMsg::Said { text: format!("{}: {text}", self.room) }
    }

    #[on(Leave)]
    async fn leave(&mut self) -> CloseFrame {
        CloseFrame { code: 1000, reason: "bye".into() }
    }
}

fn main() {
    let _ = Chat::accept(String::new());
}
