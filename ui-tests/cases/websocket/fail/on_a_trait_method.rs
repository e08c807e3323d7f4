use ignitia::prelude::*;

trait Chat {
    #[websocket("/chat")]
    async fn chat(ws: WebSocketConnection) -> Response;
}

fn main() {}
