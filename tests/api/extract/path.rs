//! Path parameters.

use std::collections::HashMap;

use ignitia::prelude::*;
use serde::Deserialize;

use crate::support::client;

#[derive(Deserialize)]
struct RoomParams {
    room_id: String,
}

#[derive(Deserialize)]
struct Seat {
    row: char,
    number: u32,
}

async fn room(Path(params): Path<RoomParams>, mut ws: WebSocketConnection) -> impl IntoResponse {
    ws.send_text(format!("Welcome to room: {}", params.room_id)).await.ok();
    while ws.recv().await.is_some() {}
    Json(json!({ "room": params.room_id, "status": "closed" }))
}

async fn seat(Path(Seat { row, number }): Path<Seat>, ws: WebSocketConnection) -> Result<Response> {
    ws.send_text(format!("{row}{number}")).await?;
    Ok(Response::ok())
}

async fn pair(Path((left, right)): Path<(String, u8)>, ws: WebSocketConnection) -> Result<Response> {
    ws.send_text(format!("{left}, {right}")).await?;
    Ok(Response::ok())
}

async fn map(Path(all): Path<HashMap<String, String>>, ws: WebSocketConnection) -> Result<Response> {
    ws.send_text(format!("{} in {}", all["user"], all["room"])).await?;
    Ok(Response::ok())
}

async fn tail(Path(rest): Path<String>, ws: WebSocketConnection) -> Result<Response> {
    ws.send_text(rest).await?;
    Ok(Response::ok())
}

fn router() -> Router {
    Router::new()
        .websocket("/ws/room/{room_id}", room)
        .websocket("/seats/{row}/{number}", seat)
        .websocket("/pairs/{left}/{right}", pair)
        .websocket("/map/{room}/{user}", map)
        .websocket("/files/{*rest}", tail)
}

#[tokio::test]
async fn parameters_may_have_every_shape() {
    let client = client(router());
    for (path, answer) in [
        ("/ws/room/lobby", "Welcome to room: lobby"),
        ("/ws/room/42", "Welcome to room: 42"),
        ("/seats/B/12", "B12"),
        ("/pairs/left/7", "left, 7"),
        ("/map/lobby/ann", "ann in lobby"),
        ("/files/a/b/c.txt", "a/b/c.txt"),
    ] {
        assert_eq!(client.connect(path).await.recv_text().await, answer, "{path}");
    }
}

#[tokio::test]
async fn segments_are_percent_decoded() {
    let client = client(router());
    for (segment, room) in [("caf%C3%A9", "café"), ("a%2Fb", "a/b"), ("50%25", "50%"), ("a+b", "a+b")] {
        let mut socket = client.connect(&format!("/ws/room/{segment}")).await;
        assert_eq!(socket.recv_text().await, format!("Welcome to room: {room}"));
    }
}

#[tokio::test]
async fn a_parameter_that_cannot_be_parsed_is_refused_before_the_upgrade() {
    let client = client(router());
    for path in ["/seats/B/twelve", "/seats/BB/12", "/pairs/left/256", "/ws/room/%ff"] {
        let refused = client.request(path).rejection().await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{path}: {}", refused.text());
    }
    let missing = client.request("/ws/room").rejection().await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn json_as_an_outcome_is_not_sent() {
    let mut socket = client(router()).connect("/ws/room/lobby").await;
    socket.recv_text().await;
    socket.close(1000, "").await;
    socket.expect_close(1000).await;
    socket.expect_end().await;
}
