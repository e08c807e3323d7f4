use ignitia::prelude::*;

#[derive(serde::Serialize, ServerMessage)]
#[serde(tag = "type")]
enum ServerMsg {
    #[message(transent)]
    Typing,
}

fn main() {}
