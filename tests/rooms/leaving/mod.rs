//! A connection leaves its rooms, however it ends.

mod connections;
mod handlers;
mod messages;

use ignitia::{prelude::*, testing::TestClient, websocket::WebSocketConfig};

use super::Tell;
use crate::support::until;

/// Returns a client of one handler at `/`, which gets the rooms.
fn client<F, Fut, R>(rooms: &Rooms<Tell>, config: WebSocketConfig, handler: F) -> TestClient
where
    F: Fn(Rooms<Tell>, WebSocketConnection) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = R> + Send + 'static,
    R: IntoResponse + 'static,
{
    let rooms = rooms.clone();
    let handler = move |ws: WebSocketConnection| {
        let session = handler(rooms.clone(), ws);
        async move { session.await.into_response() }
    };
    TestClient::new(Router::new().websocket("/", handler).websocket_config(config)).unwrap()
}

async fn stay(rooms: Rooms<Tell>, mut ws: WebSocketConnection) -> Response {
    let _one = rooms.join("one", &ws).unwrap();
    let _two = rooms.join("two", &ws).unwrap();
    while ws.recv().await.is_some() {}
    Response::ok()
}

async fn is_in(rooms: &Rooms<Tell>) {
    until("it is in both rooms", || rooms.len() == 2).await;
}

async fn has_left(rooms: &Rooms<Tell>) {
    until("it has left both rooms", || rooms.is_empty()).await;
}
