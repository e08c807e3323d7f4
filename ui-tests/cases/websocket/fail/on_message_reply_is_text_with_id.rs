use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    Say { text: String },
}

#[websocket("/echo", on_message, id = "id")]
async fn echo(msg: ClientMsg) -> String {
    match msg {
        ClientMsg::Say { text } => text,
    }
}

fn main() {
    let _ = Router::new().mount(echo);
}
