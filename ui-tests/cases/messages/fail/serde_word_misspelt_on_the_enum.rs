use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type", renameall = "snake_case")]
enum ClientMsg {
    Say { text: String },
    Leave,
}

fn main() {
    let _ = ClientMsg::Leave;
}
