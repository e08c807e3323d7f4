use ignitia::prelude::*;

#[derive(serde::Serialize, ServerMessage)]
#[serde(tag = "type")]
#[message]
enum ServerMsg {
    Said { text: String },
}

fn main() {}
