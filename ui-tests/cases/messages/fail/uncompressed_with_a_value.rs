use ignitia::prelude::*;

#[derive(serde::Serialize, ServerMessage)]
#[serde(tag = "type")]
enum ServerMsg {
    #[message(uncompressed = true)]
    Token { secret: String },
}

fn main() {}
