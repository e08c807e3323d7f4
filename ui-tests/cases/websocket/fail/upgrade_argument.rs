use ignitia::prelude::*;

/// As axum has it with its feature `ws`.
struct WebSocketUpgrade;

impl WebSocketUpgrade {
    fn on_upgrade(self) -> Response {
        Response::ok()
    }
}

#[websocket("/chat")]
async fn chat(upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade()
}

fn main() {
    let _ = Router::new().mount(chat);
}
