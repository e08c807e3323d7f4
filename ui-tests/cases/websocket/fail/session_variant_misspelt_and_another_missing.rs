use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    Say { text: String },
    Leave,
    Quit,
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
        ServerMsg::Said { text }
    }
    #[on(Lieve)]
    async fn leave(&mut self) {}
}

fn main() {
    let _ = Router::new().mount_session::<Chat>();
}
