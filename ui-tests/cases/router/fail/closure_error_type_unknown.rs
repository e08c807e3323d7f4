use ignitia::prelude::*;

fn main() {
    let _ = Router::new().websocket("/hello", |ws: WebSocketConnection| async move {
        ws.send_text("hello").await?;
        Ok(Response::ok())
    });
}
