use ignitia::prelude::*;

struct Position {
    x: f32,
}

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    Move { to: Position },
    Leave,
}

fn main() {
    let _ = (ClientMsg::Leave, Position { x: 0.0 }.x);
}

// Errors: 3
