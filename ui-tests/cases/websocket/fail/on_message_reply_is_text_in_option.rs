use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    Say { text: String },
    Leave,
}

#[websocket("/echo", on_message)]
async fn echo(msg: ClientMsg) -> Option<String> {
    match msg {
        ClientMsg::Say { text } => Some(text),
        ClientMsg::Leave => None,
    }
}

fn main() {
    let _ = Router::new().mount(echo);
}
