use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg<'a> {
    Say { #[serde(borrow)] text: std::borrow::Cow<'a, str> },
    Leave,
}

#[derive(serde::Serialize, ServerMessage)]
#[serde(tag = "type")]
enum ServerMsg {
    Said { text: String },
}

#[websocket("/rooms/<room>", on_message)]
async fn chat(room: String, msg: ClientMsg<'_>) -> Option<ServerMsg> {
    match msg {
        ClientMsg::Say { text } => Some(ServerMsg::Said { text: format!("{room}: {text}") }),
        ClientMsg::Leave => None,
    }
}

fn main() {
    let _ = (Router::new().mount(chat), chat::uri("lobby"));
}
