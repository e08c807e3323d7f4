use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    Say { #[serde(rename)] text: String },
    Leave,
}

fn main() {
    let _ = ClientMsg::Leave;
}
