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

#[websocket("/chat/<room>", message = ClientMsg, reply = ServerMsg)]
impl Chat {
    async fn accept(room: String) -> Self {
        Self { room }
    }

    #[on(Say { text })]
    async fn say(&mut self, text: String) -> ServerMsg {
        ServerMsg::Said { text: format!("{}: {text}", self.room) }
    }

    #[on(Leave)]
    async fn leave(&mut self) -> CloseFrame {
        CloseFrame { code: 1000, reason: "bye".into() }
    }
}

impl Chat {
    fn leave(&self) -> bool {
        self.room.is_empty()
    }
}

fn main() {
    let _ = Router::new().mount_session::<Chat>();
}

// As in any program: there are two methods, and a call of one of them could mean either.
// Errors: 2
