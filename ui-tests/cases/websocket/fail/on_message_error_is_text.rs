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

#[websocket("/echo", on_message)]
async fn echo(msg: ClientMsg) -> Result<ServerMsg, String> {
    match msg {
        ClientMsg::Say { text } => Ok(ServerMsg::Said { text }),
        ClientMsg::Leave => Err("there is nothing to leave".into()),
    }
}

fn main() {
    let _ = Router::new().mount(echo);
}
