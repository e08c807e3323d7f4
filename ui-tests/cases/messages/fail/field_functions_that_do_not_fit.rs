// Errors: 7
// serde's derive alone has as many: it calls each of these more than once.
use ignitia::prelude::*;
use serde::Deserializer;

struct Place;

fn five() -> u8 {
    5
}

fn whole<'de, D: Deserializer<'de>>(_: D) -> String {
    String::new()
}

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    Say {
        #[serde(default = "five")]
        text: String,
        #[serde(skip)]
        from: Place,
    },
    Shout {
        #[serde(deserialize_with = "whole")]
        text: String,
    },
    Whisper {
        #[serde(default = "six")]
        text: String,
    },
}

fn main() {
    let _ = (ClientMsg::Shout { text: String::new() }, Place);
}
