use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    Say { text: String },
    Leave,
}

#[derive(serde::Serialize, ServerMessage)]
#[serde(tag = "type")]
enum ServerMsg {
    Said { text: String },
}

#[websocket("/echo", on_message)]
async fn echo(msg: ClientMsg) {
    match msg {
        ClientMsg::Say { text } => ServerMsg::Said { text },
        ClientMsg::Leave => ServerMsg::Said { text: "bye".into() },
    }
}

fn main() {
    let _ = Router::new().mount(echo);
}
