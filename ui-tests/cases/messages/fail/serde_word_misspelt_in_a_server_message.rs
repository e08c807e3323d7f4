use ignitia::prelude::*;

#[derive(serde::Serialize, ServerMessage)]
#[serde(tag = "type")]
enum ServerMsg {
    #[serde(renamed = "hello")]
    Welcome,
}

fn main() {
    let _ = ServerMsg::Welcome;
}
