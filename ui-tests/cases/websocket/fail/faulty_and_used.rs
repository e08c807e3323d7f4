use ignitia::prelude::*;

#[websocket("/chat/<room>")]
async fn chat(room: String, ws: WebSocketConnection, headers: Headers) -> Response {
    println!("{} enters {room} with {ws:?}", headers.len());
    Response::ok()
}

async fn lobby(ws: WebSocketConnection, headers: Headers) -> Response {
    println!("{} {} {:?} {:?}", chat::PATH, chat::METHOD, chat::PARAMETERS, chat::EXTRACTORS);
    chat(chat::uri("lobby"), ws, headers).await
}

fn main() {
    let _ = lobby;
    let _ = Router::new().mount(chat);
    let _: axum::Router = axum::Router::new().mount(chat);
}
