use ignitia::prelude::*;
use ignitia::websocket::websocket_message_handler;

fn main() {
    let _ = Router::new().websocket("/hello", websocket_message_handler(|ws, message| async move {
        ws.send(message).await?;
        Ok(Response::ok())
    }));
}
