use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[message(tag = "type")]
enum ClientMsg {
    Say { text: String },
    Leave,
}

fn main() {}
