use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type", tag = "kind")]
enum ClientMsg {
    Say { text: String },
    Leave,
}

fn main() {
    let _ = ClientMsg::Leave;
}
