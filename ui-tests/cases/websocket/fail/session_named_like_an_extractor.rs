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

mod model {
    pub struct Peer {
        pub room: String,
    }
}

#[websocket("/chat/<room>", message = ClientMsg, reply = ServerMsg)]
impl Peer {
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

fn main() {
    let _ = Router::new().mount_session::<Peer>();
}

// The struct is not imported, so `Peer` is the prelude's: whatever is written for a type of another crate is refused by a rule of its own.
// Errors: 10
