use ignitia::prelude::*;

#[derive(serde::Serialize, ServerMessage)]
#[serde(tag = "type")]
#[message(crate = ignitia, crate = ignitia)]
enum ServerMsg {
    Said { text: String },
}

fn main() {}
