// Mistakes: 3
use facade::{ignitia::prelude::*, serde};

#[derive(serde::Deserialize, ClientMessage)]
#[serde(crate = "facade::serde", tag = "type")]
enum ClientMsg {
    Say { text: String },
    Leave,
}

#[derive(serde::Serialize, ServerMessage)]
#[serde(crate = "facade::serde", tag = "type")]
enum ServerMsg {
    Said { text: String },
}

#[websocket("/chat", on_message)]
async fn chat(msg: ClientMsg) -> Option<ServerMsg> {
    match msg {
        ClientMsg::Say { text } => Some(ServerMsg::Said { text }),
        ClientMsg::Leave => None,
    }
}

fn main() {
    let _ = Router::new().mount(chat);
}
