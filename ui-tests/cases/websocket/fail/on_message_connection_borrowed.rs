use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    Say { text: String },
    Leave,
}

#[websocket("/echo", on_message)]
async fn echo(ws: &WebSocketConnection, msg: ClientMsg) -> Result<()> {
    match msg {
        ClientMsg::Say { text } => ws.send_text(text).await,
        ClientMsg::Leave => ws.close(None).await,
    }
}

fn main() {
    let _ = Router::new().mount(echo);
}
