// Mistakes: 2
use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    Say { text: String },
    Leave,
}

struct Chat;

#[websocket("/chat", message = ClientMsg)]
impl Chat {
    async fn accept() -> Self {
        Self
    }

    #[On(Say { text })]
    async fn say(&mut self, text: String) {
        drop(text);
    }

    #[message(Leave)]
    async fn leave(&mut self) {}
}

fn main() {
    let _ = Router::new().mount_session::<Chat>();
}
