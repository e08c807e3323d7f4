use ignitia::prelude::*;

#[derive(serde::Serialize, ServerMessage)]
#[serde(tag = "type")]
enum ServerMsg {
    Said { text: String },
    #[serde(untagged)]
    Moved { x: i32, y: i32 },
}

fn main() {}
