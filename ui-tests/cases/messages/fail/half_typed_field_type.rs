// Errors: 2
// serde reads the enum too, and says it in its own words.
use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    Say { text: },
    Leave,
}

struct Chat;

#[websocket("/chat", message = ClientMsg)]
impl Chat {
    async fn accept() -> Self {
        Self
    }

    #[on(Say { text })]
    async fn say(&mut self, text: String) {
        drop(text);
    }

    #[on(Leave)]
    async fn leave(&mut self) {}
}

fn main() {
    let _ = Router::new().mount_session::<Chat>();
}
