use ignitia::prelude::*;

#[derive(serde::Serialize, ServerMessage)]
#[serde(tag = "type")]
enum ServerMsg {
    Said {
        #[message(transient)]
        text: String,
    },
}

fn main() {}
