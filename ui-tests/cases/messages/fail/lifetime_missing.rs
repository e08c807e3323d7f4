use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    Say { text: &str },
    Leave,
}

fn main() {
    let _ = ClientMsg::Leave;
}
