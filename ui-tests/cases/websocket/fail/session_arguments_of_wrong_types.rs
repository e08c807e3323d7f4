use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    Say { text: String, to: u64 },
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

#[websocket("/chat/<room>", message = ClientMsg, reply = ServerMsg)]
impl Chat {
    async fn accept(room: String) -> Self {
        Self { room }
    }
    #[on(Say { to, text })]
    async fn say(&mut self, to: u32, text: Vec<u8>) -> ServerMsg {
        ServerMsg::Said { text: format!("{to}: {text:?}") }
    }
    #[on(Leave)]
    async fn leave(&mut self) {}
}

fn main() {
    let _ = Router::new().mount_session::<Chat>();
}

// Mistakes: 2
