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

struct Chat;

#[websocket("/chat", message = ClientMsg, reply = ServerMsg)]
impl Chat {
    async fn accept() -> Self {
        Self
    }

    #[on(Say { text: String })]
    async fn say(&mut self, text: String) -> ServerMsg {
        ServerMsg::Said { text }
    }

    #[on(Leave)]
    async fn leave(&mut self) {}
}

fn main() {
    let _ = Router::new().mount_session::<Chat>();
}
