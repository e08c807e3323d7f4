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

async fn heartbeat(text: &str, _: &WebSocketConnection) -> String {
    text.to_uppercase()
}

#[websocket("/echo", on_message, on_raw = heartbeat)]
async fn echo(msg: ClientMsg) -> Option<ServerMsg> {
    match msg {
        ClientMsg::Say { text } => Some(ServerMsg::Said { text }),
        ClientMsg::Leave => None,
    }
}

fn main() {
    let _ = Router::new().mount(echo);
}
