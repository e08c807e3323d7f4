//! What a function may return.

#![deny(warnings)]

use ignitia::prelude::*;

type Outcome<T = Response> = std::result::Result<T, Closed>;

struct Closed;

impl IntoResponse for Closed {
    fn into_response(self) -> Response {
        Response::service_unavailable("closed")
    }
}

#[websocket("/response")]
async fn response(_: WebSocketConnection) -> Response {
    Response::ok()
}

#[websocket("/result")]
async fn result(ws: WebSocketConnection) -> Result<Response> {
    ws.send_text("hello").await?;
    Ok(Response::ok())
}

#[websocket("/result-of-frame")]
async fn result_of_frame(_: WebSocketConnection) -> Result<CloseFrame, StatusCode> {
    Err(StatusCode::FORBIDDEN)
}

#[websocket("/alias")]
async fn alias(_: WebSocketConnection) -> Outcome {
    Err(Closed)
}

#[websocket("/some")]
async fn some(_: WebSocketConnection) -> impl IntoResponse {
    (StatusCode::FORBIDDEN, "members only")
}

#[websocket("/some-or-error")]
async fn some_or_error(ws: WebSocketConnection) -> Result<impl IntoResponse> {
    ws.send_text("hello").await?;
    Ok("bye")
}

#[websocket("/text")]
async fn text(_: WebSocketConnection) -> &'static str {
    "bye"
}

#[websocket("/status")]
async fn status(_: WebSocketConnection) -> StatusCode {
    StatusCode::NOT_FOUND
}

#[websocket("/never")]
async fn never(_: WebSocketConnection) -> std::convert::Infallible {
    std::future::pending().await
}

fn main() {
    let router = Router::new()
        .mount(response)
        .mount(result)
        .mount(result_of_frame)
        .mount(alias)
        .mount(some)
        .mount(some_or_error)
        .mount(text)
        .mount(status)
        .mount(never);
    assert!(router.into_axum().is_ok());
}
