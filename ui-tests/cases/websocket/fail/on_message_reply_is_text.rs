use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    Say { text: String },
    Leave,
}

#[websocket("/echo", on_message)]
async fn echo(msg: ClientMsg) -> String {
    match msg {
        ClientMsg::Say { text } => text,
        ClientMsg::Leave => String::new(),
    }
}

fn main() {
    let _ = Router::new().mount(echo);
}
