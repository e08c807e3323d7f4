use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    Say { text: String },
    #[serde(renam = "bye")]
    Leave,
}

fn main() {
    let _ = ClientMsg::Leave;
}
