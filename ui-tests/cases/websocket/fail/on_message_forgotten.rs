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

#[websocket("/rooms/<room>", id = "id", on_malformed = close)]
async fn chat(room: String, msg: ClientMsg) -> Option<ServerMsg> {
    match msg {
        ClientMsg::Say { text } => Some(ServerMsg::Said { text: format!("{room}: {text}") }),
        ClientMsg::Leave => None,
    }
}

fn main() {
    let _ = (Router::new().mount(chat), chat::uri("lobby"));
}
