use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    Say { text: String },
    Leave,
}

#[websocket("/echo", on_message)]
async fn echo(msg: ClientMsg) -> Result<Response> {
    match msg {
        ClientMsg::Say { text } => Ok(Response::text(text)),
        ClientMsg::Leave => Ok(Response::ok()),
    }
}

fn main() {
    let _ = Router::new().mount(echo);
}
