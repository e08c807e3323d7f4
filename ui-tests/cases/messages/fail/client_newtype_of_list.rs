use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    Invite(Vec<u64>),
    Leave,
}

fn main() {}
