// Errors: 2
// The block as it was written, and what is made of it.
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

struct Chat<T> {
    topic: T,
}

#[websocket("/chat", message = ClientMsg, reply = ServerMsg)]
impl Chat {
    async fn accept() -> Self {
        todo!()
    }

    #[on(Say { text })]
    async fn say(&mut self, text: String) -> ServerMsg {
        drop(&self.topic);
        ServerMsg::Said { text }
    }

    #[on(Leave)]
    async fn leave(&mut self) {}
}

fn main() {
    let _ = Router::new().mount_session::<Chat<u8>>();
}
