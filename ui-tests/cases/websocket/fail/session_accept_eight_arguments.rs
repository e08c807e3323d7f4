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
}

#[websocket("/<a>/<b>/<c>/<d>/<e>/<f>/<g>/<room>", message = ClientMsg, reply = ServerMsg)]
impl Chat {
    async fn accept(a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, room: String) -> Self {
        println!("{}", a + b + c + d + e + f + g);
        Self { room }
    }

    #[on(Say { text })]
    async fn say(&mut self, text: String) -> ServerMsg {
        ServerMsg::Said { text: format!("{}: {text}", self.room) }
    }

    #[on(Leave)]
    async fn leave(&mut self) -> CloseFrame {
        CloseFrame { code: 1000, reason: "bye".into() }
    }
}

fn main() {
    let _ = Router::new().mount_session::<Chat>();
}
