use ignitia::prelude::*;

#[derive(serde::Serialize, ServerMessage)]
#[serde(tag = "type")]
enum ServerMsg {
    #[message(transient = true)]
    Typing,
}

fn main() {}
