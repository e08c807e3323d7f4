use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg<T> {
    Say { text: T },
    Leave,
}

#[derive(serde::Serialize, ServerMessage)]
#[serde(tag = "type")]
enum ServerMsg {
    Said { text: String },
}

struct Chat<T> {
    room: String,
    t: Option<T>,
}

#[websocket("/chat/<room>", message = ClientMsg<T>, reply = ServerMsg)]
impl<T: serde::de::DeserializeOwned + Send + Sync + 'static> Chat<T> {
    async fn accept(room: String) -> Self {
        Self { room, t: None }
    }
    #[on(Leave)]
    async fn leave(&mut self) {}
}

fn main() {
    let _ = Router::new().mount_session::<Chat<u8>>();
}
