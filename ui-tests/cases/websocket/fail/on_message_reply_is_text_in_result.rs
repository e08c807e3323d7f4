use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    Say { text: String },
    Leave,
}

#[websocket("/echo", on_message)]
async fn echo(msg: ClientMsg) -> Result<&'static str> {
    match msg {
        ClientMsg::Say { text } => Ok(text.leak()),
        ClientMsg::Leave => Ok("bye"),
    }
}

fn main() {
    let _ = Router::new().mount(echo);
}
