use ignitia::prelude::*;

#[websocket("chat", crates = ::ignitia)]
fn chat(name: &str, ws: WebSocketConnection, headers: Headers) {
    println!("{name} {headers:?}");
    drop(ws);
}

fn main() {
    let _ = Router::new().mount(chat);
}

// Mistakes: 6
