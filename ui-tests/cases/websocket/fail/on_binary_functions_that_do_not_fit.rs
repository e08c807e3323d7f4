// Mistakes: 3
use ignitia::prelude::*;

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum ClientMsg {
    Say { text: String },
    Leave,
}

#[websocket("/one", on_message, on_binary = by_value)]
async fn one(msg: ClientMsg) {
    drop(msg);
}

async fn by_value(bytes: Vec<u8>, ws: WebSocketConnection) {
    drop((bytes, ws));
}

#[websocket("/two", on_message, on_binary = not_async)]
async fn two(msg: ClientMsg) {
    drop(msg);
}

fn not_async(bytes: Vec<u8>, _ws: &WebSocketConnection) {
    drop(bytes);
}

#[websocket("/three", on_message, on_raw = of_bytes)]
async fn three(msg: ClientMsg) {
    drop(msg);
}

async fn of_bytes(bytes: Vec<u8>, _ws: &WebSocketConnection) -> Option<Message> {
    drop(bytes);
    None
}

fn main() {
    let _ = (Router::new().mount(one).mount(two).mount(three), ClientMsg::Say { text: String::new() }, ClientMsg::Leave);
}
