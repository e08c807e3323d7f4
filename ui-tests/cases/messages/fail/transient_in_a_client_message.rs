use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    #[message(transient)]
    Typing,
}

fn main() {}
