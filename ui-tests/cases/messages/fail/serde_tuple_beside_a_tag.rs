use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    Say { text: String },
    Pair(u8, u8),
    Leave,
}

fn main() {
    let _ = ClientMsg::Leave;
}
