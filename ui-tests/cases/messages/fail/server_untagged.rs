use ignitia::prelude::*;

#[derive(serde::Serialize, ServerMessage)]
#[serde(untagged)]
enum ServerMsg {
    Said { text: String },
    Moved { x: i32, y: i32 },
}

fn main() {
    let _ = ServerMsg::Said { text: String::new() };
    let _ = ServerMsg::Moved { x: 1, y: 2 };
}
