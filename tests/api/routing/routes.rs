//! The router beside its WebSocket routes: pages, layers, nesting, merging, a fallback.

use axum::{
    extract::Request,
    middleware::{Next, from_fn},
    routing,
};
use http::{HeaderValue, Method};
use ignitia::{IntoRouter, prelude::*};
use tokio::sync::mpsc;

use crate::support::{client, next};

async fn echo(mut ws: WebSocketConnection) -> Result<Response> {
    while let Some(Message::Text(text)) = ws.recv().await {
        ws.send_text(text).await?;
    }
    Ok(Response::ok())
}

async fn expect_echo(router: impl IntoRouter, path: &str) {
    let mut socket = client(router).connect(path).await;
    socket.send_text("hello").await;
    assert_eq!(socket.recv_text().await, "hello");
}

#[tokio::test]
async fn pages_are_added_by_get_post_and_route() {
    let router = Router::new()
        .get("/page", async || "got")
        .post("/page", async |Json(n): Json<u8>| format!("posted {n}"))
        .route("/other", routing::put(async || "put").delete(async || "deleted"))
        .websocket("/ws", echo);
    let client = client(router.state(7_u8).get("/state", async |State(n): State<u8>| n.to_string()));
    assert_eq!(client.get("/page").await.text(), "got");
    let posted = client.request("/page").method(Method::POST).body("application/json", "7").get().await;
    assert_eq!(posted.text(), "posted 7");
    assert_eq!(client.request("/other").method(Method::PUT).get().await.text(), "put");
    assert_eq!(client.request("/other").method(Method::DELETE).get().await.text(), "deleted");
    assert_eq!(client.get("/other").await.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(client.get("/state").await.text(), "7");
    client.connect("/ws").await;
}

#[tokio::test]
async fn post_and_a_websocket_may_share_a_path() {
    let router = || Router::new().websocket("/ws", echo).post("/ws", async || "posted");
    assert_eq!(client(router()).request("/ws").method(Method::POST).get().await.text(), "posted");
    expect_echo(router(), "/ws").await;
}

#[tokio::test]
async fn routers_may_be_nested_and_merged() {
    let inner =
        || Router::new().websocket("/ws", echo).websocket("/{room}/ws", echo).get("/", async || "inner");
    let router = || {
        Router::new()
            .nest("/api/v1", inner())
            .nest("/users/{user}", Router::new().websocket("/ws", echo))
            .merge(inner())
            .merge(Router::from(axum::Router::new().route("/axum", routing::get(async || "axum"))))
            .nest("/more", axum::Router::new().route("/axum", routing::get(async || "more")))
    };
    for path in ["/api/v1/ws", "/api/v1/lobby/ws", "/users/ann/ws", "/ws", "/lobby/ws"] {
        expect_echo(router(), path).await;
    }
    let client = client(router());
    for (path, body) in [("/api/v1", "inner"), ("/", "inner"), ("/axum", "axum"), ("/more/axum", "more")] {
        assert_eq!(client.get(path).await.text(), body, "{path}");
    }
    for path in ["/api", "/api/v1/lobby/more/ws", "/users/ws/more", "/more/ann/ws"] {
        assert_eq!(client.request(path).rejection().await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn parameters_of_the_outer_path_reach_the_inner_handler() {
    async fn both(Path((user, room)): Path<(String, String)>, ws: WebSocketConnection) -> Result<Response> {
        ws.send_text(format!("{user} in {room}")).await?;
        Ok(Response::ok())
    }
    let router = Router::new().nest("/{user}", Router::new().websocket("/{room}", both));
    assert_eq!(client(router).connect("/ann/lobby").await.recv_text().await, "ann in lobby");
}

#[tokio::test]
async fn layers_see_the_handshake_and_its_answer() {
    let (report, mut reports) = mpsc::unbounded_channel();
    let layer = from_fn(move |request: Request, next: Next| {
        let report = report.clone();
        async move {
            let path = request.uri().path().to_owned();
            let mut response = next.run(request).await;
            report.send((path, response.status().as_u16())).unwrap();
            response.headers_mut().insert("x-layer", HeaderValue::from_static("was here"));
            response
        }
    });
    let router = Router::new()
        .websocket("/ws", echo)
        .websocket("/no", async |_: WebSocketConnection| Response::forbidden("no"))
        .layer(layer)
        .websocket("/after", echo);
    let client = client(router);
    let mut socket = client.connect("/ws").await;
    assert_eq!(socket.headers()["x-layer"], "was here");
    assert_eq!(next(&mut reports).await, ("/ws".into(), 101));
    socket.send_text("hello").await;
    assert_eq!(socket.recv_text().await, "hello");
    assert_eq!(client.request("/no").rejection().await.header("x-layer"), Some("was here"));
    assert_eq!(next(&mut reports).await, ("/no".into(), 403));
    assert!(client.connect("/after").await.headers().get("x-layer").is_none());
}

#[tokio::test]
async fn a_layer_may_refuse_before_any_handler() {
    let router = Router::new().websocket("/ws", echo).layer(from_fn(async |request: Request, next: Next| {
        if request.headers().contains_key("authorization") {
            next.run(request).await
        } else {
            Response::unauthorized("not past me")
        }
    }));
    let client = client(router);
    assert_eq!(client.request("/ws").rejection().await.text(), "not past me");
    client.request("/ws").header("authorization", "x").connect().await;
}

#[tokio::test]
async fn paths_without_a_route_go_to_the_fallback() {
    let default = client(Router::new().websocket("/ws", echo));
    let missing = default.get("/nowhere").await;
    assert_eq!((missing.status, missing.text()), (StatusCode::NOT_FOUND, String::new()));
    assert_eq!(default.request("/nowhere").rejection().await.status, StatusCode::NOT_FOUND);

    let router = Router::new()
        .state("nothing")
        .websocket("/ws", echo)
        .fallback(async |State(what): State<&'static str>| Response::not_found(format!("{what} here")));
    let fallback = client(router);
    assert_eq!(fallback.get("/nowhere").await.text(), "nothing here");
    fallback.connect("/ws").await;
}

#[tokio::test]
async fn a_plain_request_for_a_websocket_is_told_to_upgrade() {
    let answer = client(Router::new().websocket("/ws", echo)).get("/ws").await;
    assert_eq!(answer.status, StatusCode::UPGRADE_REQUIRED);
    assert_eq!((answer.header("connection"), answer.header("upgrade")), (Some("upgrade"), Some("websocket")));
}
