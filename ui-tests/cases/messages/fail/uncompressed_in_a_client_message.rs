use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    #[message(uncompressed)]
    Login { password: String },
}

fn main() {}
