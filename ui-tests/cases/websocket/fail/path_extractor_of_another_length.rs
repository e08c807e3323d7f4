// Mistakes: 2
use ignitia::prelude::*;

#[websocket("/rooms/<room>/<seat>")]
async fn chat(Path(room): Path<String>, mut ws: WebSocketConnection) -> Response {
    ws.recv().await;
    drop(room);
    Response::ok()
}

#[websocket("/rooms/<room>/<seat>/<row>")]
async fn seats(Path((room, seat)): Path<(String, u8)>, mut ws: WebSocketConnection) -> Response {
    ws.recv().await;
    drop((room, seat));
    Response::ok()
}

fn main() {
    let _ = Router::new().mount(chat).mount(seats);
}
