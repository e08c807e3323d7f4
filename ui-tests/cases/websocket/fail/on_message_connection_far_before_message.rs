use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    Say { text: String },
    Leave,
}

#[websocket("/echo/<room>", on_message)]
async fn echo(ws: WebSocketConnection, room: String, msg: ClientMsg) -> Result<()> {
    match msg {
        ClientMsg::Say { text } => ws.send_text(room + &text).await,
        ClientMsg::Leave => ws.close(None).await,
    }
}

fn main() {
    let _ = Router::new().mount(echo);
}
