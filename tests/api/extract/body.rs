//! A body extractor reads the body of the upgrade request, GET or POST.

use axum::body::Bytes;
use http::Method;
use ignitia::{FromRequest, prelude::*, websocket::WebSocketConfig};
use serde::Deserialize;

use crate::support::{client, until_closed};

#[derive(Deserialize)]
struct Filter {
    topics: Vec<String>,
}

async fn subscribe(
    Path(user): Path<String>,
    Json(Filter { topics }): Json<Filter>,
    ws: WebSocketConnection,
) -> Result<Response> {
    ws.send_text(format!("{user}: {}", topics.join(", "))).await?;
    Ok(Response::ok())
}

async fn whole(body: Bytes, ws: WebSocketConnection) -> Result<Response> {
    ws.send_json(&body.len()).await?;
    Ok(Response::ok())
}

fn router() -> Router {
    Router::new().websocket("/filter/{user}", subscribe).websocket("/bytes", whole)
}

#[tokio::test]
async fn json_is_read_with_get_and_with_post() {
    let client = client(router());
    for method in [Method::GET, Method::POST] {
        let request = client.request("/filter/ann").method(method);
        let mut socket = request.body("application/json", r#"{"topics":["a","b"]}"#).connect().await;
        assert_eq!(socket.recv_text().await, "ann: a, b");
        socket.expect_close(1000).await;
    }
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_refused_before_the_upgrade() {
    let client = client(router());
    for (content_type, body, status) in [
        ("application/json", "{", StatusCode::BAD_REQUEST),
        ("application/json", r#"{"topics":7}"#, StatusCode::UNPROCESSABLE_ENTITY),
        ("text/plain", r#"{"topics":[]}"#, StatusCode::UNSUPPORTED_MEDIA_TYPE),
    ] {
        let refused = client.request("/filter/ann").body(content_type, body).rejection().await;
        assert_eq!(refused.status, status, "{body}: {}", refused.text());
    }
    let nothing = client.request("/filter/ann").header("content-type", "application/json").rejection().await;
    assert_eq!(nothing.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_body_larger_than_max_body_is_refused() {
    let default = client(router());
    let config = WebSocketConfig::default().max_body(3 << 20);
    let more = client(router().websocket_config(config));
    for (client, max) in [(default, 64 << 10), (more, 3 << 20)] {
        let request = |size: usize| client.request("/bytes").body("x/y", vec![b'x'; size]);
        assert_eq!(request(max).connect().await.recv_json::<usize>().await, max);
        assert_eq!(request(max + 1).rejection().await.status, StatusCode::PAYLOAD_TOO_LARGE);
    }
    let json = format!(r#"{{"topics":["{}"]}}"#, "x".repeat(64 << 10));
    let refused = client(router()).request("/filter/ann").body("application/json", json).rejection().await;
    assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn a_route_without_a_body_extractor_takes_no_body() {
    let client = client(Router::new().websocket("/ws", until_closed));
    let refused = client.request("/ws").body("text/plain", "frames?").rejection().await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    let refused = client.request("/ws").method(Method::POST).rejection().await;
    assert_eq!(refused.status, StatusCode::METHOD_NOT_ALLOWED);
    let refused = client.request("/ws").method(Method::POST).body("text/plain", "x").rejection().await;
    assert_eq!(refused.status, StatusCode::METHOD_NOT_ALLOWED);
    client.connect("/ws").await;
}

/// An extractor that reads only the head.
struct Careless;

impl<S: Sync> FromRequest<S> for Careless {
    type Rejection = Response;

    async fn from_request(_: axum::extract::Request, _: &S) -> Result<Self, Response> {
        Ok(Self)
    }
}

#[tokio::test]
async fn bytes_that_an_extractor_leaves_are_no_frames() {
    async fn careless(_: Careless, ws: WebSocketConnection) -> Response {
        until_closed(ws).await
    }
    let client = client(Router::new().websocket("/ws", careless));
    let refused = client.request("/ws").body("text/plain", "frames?").rejection().await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    client.connect("/ws").await;
}
