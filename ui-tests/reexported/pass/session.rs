use facade::{ignitia::prelude::*, serde};

#[derive(serde::Deserialize, ClientMessage)]
#[serde(crate = "facade::serde", tag = "type")]
#[message(crate = facade::ignitia)]
enum ClientMsg {
    Say { text: String },
    Leave,
}

struct Chat;

#[websocket("/chat", message = ClientMsg, crate = facade::ignitia)]
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
