use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake")]
enum ClientMsg {
    Say { text: String },
    Leave,
}

fn main() {
    let _ = ClientMsg::Leave;
}
