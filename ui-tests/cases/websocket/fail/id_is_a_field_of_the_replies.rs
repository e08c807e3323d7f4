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
    Said { id: u64, text: String },
}

#[websocket("/echo", on_message, id = "id")]
async fn echo(msg: ClientMsg) -> Result<Option<ServerMsg>> {
    match msg {
        ClientMsg::Say { text } => Ok(Some(ServerMsg::Said { id: 7, text })),
        ClientMsg::Leave => Ok(None),
    }
}

fn main() {
    let _ = Router::new().mount(echo);
}
