use ignitia::prelude::*;

#[derive(serde::Serialize, ServerMessage)]
#[message(uncompressed)]
#[serde(tag = "type")]
enum ServerMsg {
    Said { text: String },
    Token { secret: String },
}

fn main() {}
