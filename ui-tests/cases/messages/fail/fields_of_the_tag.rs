// Mistakes: 3
use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "text")]
enum ClientMsg {
    Say { text: String },
    Leave,
}

#[derive(serde::Serialize, ServerMessage)]
#[serde(tag = "type")]
enum ServerMsg {
    Said {
        #[serde(rename = "type")]
        kind: String,
    },
}

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type", content = "type")]
enum Other {
    Leave,
}

#[websocket("/chat", on_message)]
async fn chat(msg: ClientMsg) -> Option<ServerMsg> {
    match msg {
        ClientMsg::Say { text } => Some(ServerMsg::Said { kind: text }),
        ClientMsg::Leave => None,
    }
}

#[websocket("/other", on_message)]
async fn other(msg: Other) {
    drop(msg);
}

fn main() {
    let _ = (Router::new().mount(chat).mount(other), Other::Leave);
}
