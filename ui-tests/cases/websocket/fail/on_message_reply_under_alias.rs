use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    Say { text: String },
    Leave,
}

type Reply = std::result::Result<String, ignitia::Error>;

#[websocket("/echo", on_message)]
async fn echo(msg: ClientMsg) -> Reply {
    match msg {
        ClientMsg::Say { text } => Ok(text),
        ClientMsg::Leave => Ok(String::new()),
    }
}

fn main() {
    let _ = Router::new().mount(echo);
}
