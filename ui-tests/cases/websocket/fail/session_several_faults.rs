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
    fn accept(room: &str) -> Self {
        Self { room: room.into() }
    }

    #[on(Say { text })]
    fn say(&mut self, txt: String) -> ServerMsg {
        ServerMsg::Said { text: format!("{}: {txt}", self.room) }
    }

    #[on(Leave)]
    async fn leave(self) -> CloseFrame {
        CloseFrame { code: 1000, reason: "bye".into() }
    }
}

fn main() {
    let _ = Router::new().mount_session::<Chat>();
}

// Mistakes: 5
