use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    Say { text: String },
    Leave,
}

#[derive(serde::Serialize, ServerMessage)]
struct Said {
    text: String,
}

#[websocket("/echo", on_message)]
async fn echo(msg: ClientMsg) -> Option<Said> {
    match msg {
        ClientMsg::Say { text } => Some(Said { text }),
        ClientMsg::Leave => None,
    }
}

fn main() {
    let _ = Router::new().mount(echo);
}
