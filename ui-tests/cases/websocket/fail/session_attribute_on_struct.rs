use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    Leave,
}

#[websocket("/chat", message = ClientMsg)]
struct Chat {
    room: String,
}

impl Chat {
    async fn accept() -> Self {
        Self { room: String::new() }
    }

    #[on(Leave)]
    async fn leave(&mut self) {
        self.room.clear();
    }

    #[every("5s")]
    async fn tick(&mut self) {}
}

fn main() {
    let _ = Router::new().mount_session::<Chat>();
}
