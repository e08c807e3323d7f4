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
    room: String,
    events: Events<std::rc::Rc<str>>,
}

#[websocket("/chat/<room>", message = ClientMsg, reply = ServerMsg)]
impl Chat {
    async fn accept(room: String, events: Events<std::rc::Rc<str>>) -> Self {
        Self { room, events }
    }

    #[on(Say { text })]
    async fn say(&mut self, text: String) -> ServerMsg {
        ServerMsg::Said { text: format!("{}: {text}", self.room) }
    }

    #[on(Leave)]
    async fn leave(&mut self) -> CloseFrame {
        CloseFrame { code: 1000, reason: "bye".into() }
    }

    async fn on_event(&mut self, news: std::rc::Rc<str>) -> ServerMsg {
        drop(self.events.clone());
        ServerMsg::Said { text: news.to_string() }
    }
}

fn main() {
    let _ = Router::new().mount_session::<Chat>();
}
