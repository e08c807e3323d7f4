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

#[websocket("/echo/<room>", on_message)]
async fn echo(room: String, msg: ClientMsg) -> Option<ServerMsg> {
    match msg {
        ClientMsg::Say { text } => Some(ServerMsg::Said { text: room + &text }),
        ClientMsg::Leave => None,
    }
}

async fn says_nothing() -> bool {
    echo(ClientMsg::Leave).await.is_none()
}

fn main() {
    let _ = says_nothing;
    let _ = Router::new().mount(echo);
}
