use ignitia::prelude::*;
use ignitia::websocket::websocket_message_handler;

async fn length(_: WebSocketConnection, message: Message) -> usize {
    message.as_text().map_or(0, str::len)
}

fn main() {
    let _ = Router::new().websocket("/length", websocket_message_handler(length));
}
