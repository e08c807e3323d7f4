use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    Say { text: String },
    Leave,
}

struct Chat {
    room: String,
}

#[websocket("/chat/<room>", message = ClientMsg)]
impl Chat {
    async fn accept(room: String) -> Self {
        Self { room }
    }

    #[on(Say { text })]
    async fn say(&mut self, text: String, ws: WebSocketConnection) -> Result<()> {
        ws.send_text(self.room.clone() + &text).await
    }

    #[on(Leave)]
    async fn leave(&mut self) -> CloseFrame {
        CloseFrame { code: 1000, reason: "bye".into() }
    }
}

fn main() {
    let _ = Router::new().mount_session::<Chat>();
}
