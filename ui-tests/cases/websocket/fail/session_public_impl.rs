use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
enum ClientMsg {
    Leave,
}

struct Chat;

#[websocket("/chat", message = ClientMsg)]
pub impl Chat {
    async fn accept() -> Self {
        Self
    }

    #[on(Leave)]
    async fn leave(&mut self) {}
}

fn main() {
    let _ = Router::new().mount_session::<Chat>();
}
