use ignitia::prelude::*;

#[derive(serde::Serialize, ServerMessage)]
#[message(transient)]
#[serde(tag = "type")]
enum ServerMsg {
    Said { text: String },
    Typing,
}

fn main() {}
