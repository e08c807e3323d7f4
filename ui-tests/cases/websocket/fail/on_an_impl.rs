use ignitia::prelude::*;

struct Chat {
    ws: WebSocketConnection,
}

#[websocket("/chat")]
impl Chat {
    async fn run(mut self) -> Response {
        while self.ws.recv().await.is_some() {}
        Response::ok()
    }
}

fn main() {
    let _ = |ws| Chat { ws }.run();
}
