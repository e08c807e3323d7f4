use ignitia::prelude::*;

#[derive(serde::Serialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    Say { text: String },
    Leave,
}

fn main() {
    let _ = [ClientMsg::Say { text: String::new() }, ClientMsg::Leave];
}
