use ignitia::prelude::*;
use ignitia::websocket::websocket_message_handler;

fn main() {
    let echo = websocket_message_handler(|ws, message| async move {
        ws.send(message).await.ok();
    });
    let _ = Router::new().websocket("/echo", echo);
}
