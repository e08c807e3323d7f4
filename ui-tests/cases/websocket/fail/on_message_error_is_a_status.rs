use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    Say { text: String },
    Leave,
}

#[websocket("/echo", on_message)]
async fn echo(msg: ClientMsg) -> Result<(), StatusCode> {
    match msg {
        ClientMsg::Say { .. } => Ok(()),
        ClientMsg::Leave => Err(StatusCode::FORBIDDEN),
    }
}

fn main() {
    let _ = Router::new().mount(echo);
}
