use ignitia::prelude::*;

async fn bye(_: WebSocketConnection) -> CloseFrame {
    CloseFrame { code: 4000, reason: "bye" }
}

fn main() {
    let _ = Router::new().websocket("/bye", bye);
}
