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
    #[on(Say { text })]
    async fn say(&mut self, text: String) -> ServerMsg {
        ServerMsg::Said { text: format!("{}: {text}", self.room) }
    }

    #[on(Leave)]
    async fn accept(&mut self) -> CloseFrame {
        CloseFrame { code: 1000, reason: "bye".into() }
    }
}

fn main() {
    let _ = Router::new().mount_session::<Chat>();
}
