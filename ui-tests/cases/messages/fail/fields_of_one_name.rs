// Mistakes: 3
// Warnings: 2
use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all_fields = "camelCase")]
enum ClientMsg {
    Say {
        to: String,
        #[serde(alias = "to")]
        recipient: String,
    },
    #[allow(non_snake_case)]
    Move { max_x: u8, maxX: u8 },
}

#[derive(serde::Serialize, ServerMessage)]
#[serde(tag = "type")]
enum ServerMsg {
    Said {
        #[serde(rename = "name")]
        from: String,
        name: String,
    },
}

#[websocket("/chat", on_message)]
async fn chat(msg: ClientMsg) -> Option<ServerMsg> {
    match msg {
        ClientMsg::Say { to, recipient } => Some(ServerMsg::Said { from: to, name: recipient }),
        ClientMsg::Move { max_x, .. } => Some(ServerMsg::Said { from: max_x.to_string(), name: String::new() }),
    }
}

fn main() {
    let _ = Router::new().mount(chat);
}
