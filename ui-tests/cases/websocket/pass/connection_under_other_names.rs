//! The connection under an alias, by its path, and from a module that renamed it.

#![deny(warnings)]

use ignitia::prelude::*;

type Ws = WebSocketConnection;

mod transport {
    pub use ignitia::WebSocketConnection as Connection;
}

#[websocket("/alias/<room>")]
async fn alias(room: String, _: Headers, mut ws: Ws) -> String {
    while ws.recv().await.is_some() {}
    room
}

#[websocket("/path")]
async fn path(_: ignitia::WebSocketConnection) -> Response {
    Response::ok()
}

#[websocket("/module")]
async fn module(_: transport::Connection) -> Response {
    Response::ok()
}

fn main() {
    assert!(Router::new().mount(alias).mount(path).mount(module).into_axum().is_ok());
    assert_eq!(alias::EXTRACTORS, ["Headers"]);
}
