use ignitia::prelude::*;

#[websocket("/echo/<room>", on_message)]
async fn echo(room: String, ws: WebSocketConnection) {
    let _ = ws.send_text(room).await;
}

fn main() {
    let _ = Router::new().mount(echo);
}
