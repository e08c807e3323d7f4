use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[message(crat = ignitia)]
#[serde(tag = "type")]
enum ClientMsg {
    Say { text: String },
    Leave,
}

fn main() {}
