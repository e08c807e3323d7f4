use std::rc::Rc;

use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    Say { text: String },
    Leave,
}

#[websocket("/echo", on_message)]
async fn echo(ws: WebSocketConnection, msg: ClientMsg) -> Result<()> {
    let msg = Rc::new(msg);
    if let ClientMsg::Say { text } = &*msg {
        ws.send_text(text.clone()).await?;
    }
    Ok(())
}

fn main() {
    let _ = Router::new().mount(echo);
}
