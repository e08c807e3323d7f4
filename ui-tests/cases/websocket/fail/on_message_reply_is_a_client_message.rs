use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    Say { text: String },
    Leave,
}

#[websocket("/echo", on_message)]
async fn echo(msg: ClientMsg) -> ClientMsg {
    match msg {
        ClientMsg::Say { text } => ClientMsg::Say { text },
        ClientMsg::Leave => ClientMsg::Leave,
    }
}

fn main() {
    let _ = Router::new().mount(echo);
}
