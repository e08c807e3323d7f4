use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    Say { text: String },
    Leave,
}

#[derive(serde::Serialize)]
#[serde(tag = "type")]
enum ServerMsg {
    Said { text: String },
    Left,
}

#[websocket("/echo", on_message)]
async fn echo(msg: ClientMsg) -> ServerMsg {
    match msg {
        ClientMsg::Say { text } => ServerMsg::Said { text },
        ClientMsg::Leave => ServerMsg::Left,
    }
}

fn main() {
    let _ = Router::new().mount(echo);
}
