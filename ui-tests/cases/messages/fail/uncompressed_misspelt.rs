use ignitia::prelude::*;

#[derive(serde::Serialize, ServerMessage)]
#[serde(tag = "type")]
enum ServerMsg {
    #[message(uncompresed)]
    Token { secret: String },
}

fn main() {}
