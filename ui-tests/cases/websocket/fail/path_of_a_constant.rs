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

const PATH: &str = "/rooms/<room>";

#[websocket(PATH, on_message)]
async fn chat(room: String, msg: ClientMsg) -> Option<ServerMsg> {
    match msg {
        ClientMsg::Say { text } => Some(ServerMsg::Said { text: format!("{room}: {text}") }),
        ClientMsg::Leave => None,
    }
}

fn main() {
    let _ = (PATH, Router::new().mount(chat), chat::uri("lobby"));
}
