use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    #[message(rename = "say")]
    Say { text: String },
    Leave,
}

fn main() {}
