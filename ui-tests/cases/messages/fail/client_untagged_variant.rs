use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    Say { text: String },
    #[serde(untagged)]
    Move { x: i32, y: i32 },
}

fn main() {}
