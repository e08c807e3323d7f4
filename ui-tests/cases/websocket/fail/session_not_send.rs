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

struct Chat {
    room: std::rc::Rc<str>,
}

#[websocket("/chat/<room>", message = ClientMsg, reply = ServerMsg)]
impl Chat {
    async fn accept(room: String) -> Self {
        Self { room: room.into() }
    }

    #[on(Say { text })]
    async fn say(&mut self, text: String) -> ServerMsg {
        ServerMsg::Said { text: format!("{}: {text}", self.room) }
    }

    #[on(Leave)]
    async fn leave(&mut self) -> CloseFrame {
        CloseFrame { code: 1000, reason: "bye".into() }
    }

    async fn on_open(&mut self) -> ServerMsg {
        ServerMsg::Said { text: self.room.to_string() }
    }

    async fn on_close(self, why: CloseCause) {
        println!("{}: {why:?}", self.room);
    }
}

fn main() {
    let _ = Router::new().mount_session::<Chat>();
}
