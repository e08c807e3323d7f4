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
async fn echo(ws: TypedConnection<ClientMsg, ServerMsg>, msg: ClientMsg) -> Result<()> {
    match msg {
        ClientMsg::Say { text } => ws.send(&ServerMsg::Said { text }).await,
        ClientMsg::Leave => ws.close(None).await,
    }
}

fn main() {
    let _ = Router::new().mount(echo);
}
