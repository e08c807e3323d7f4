use ignitia::prelude::*;

#[derive(serde::Deserialize, ServerMessage)]
#[serde(tag = "type")]
enum ServerMsg {
    Said { text: String },
}

fn main() {
    let _ = ServerMsg::Said { text: String::new() };
}
