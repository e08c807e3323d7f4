use ignitia::prelude::*;

fn main() {
    let _ = Router::new().websocket("/chat", |mut ws| async move {
        while ws.recv().await.is_some() {}
        Response::ok()
    });
}
