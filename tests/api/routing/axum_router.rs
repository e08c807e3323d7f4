//! WebSocket routes in axum's own router, and our router merged into an axum application.

use std::future::IntoFuture;

use axum::routing::get;
use ignitia::{Shutdown, prelude::*, websocket::WebSocketConfig};
use tokio::{net::TcpListener, task::JoinHandle};

use crate::support::{self, RawSocket, client, loopback, until_closed};

#[derive(Clone)]
struct Greeting(&'static str);

async fn greet(
    State(Greeting(greeting)): State<Greeting>,
    Path(name): Path<String>,
    mut ws: WebSocketConnection,
) -> Result<Response> {
    ws.send_text(format!("{greeting}, {name}!")).await?;
    while ws.recv().await.is_some() {}
    Ok(Response::ok())
}

/// Serves the application as axum serves any other.
async fn serve(app: axum::Router) -> (std::net::SocketAddr, JoinHandle<std::io::Result<()>>) {
    let listener = TcpListener::bind(loopback()).await.unwrap();
    let addr = listener.local_addr().unwrap();
    (addr, tokio::spawn(axum::serve(listener, app).into_future()))
}

async fn open(addr: std::net::SocketAddr, path: &str) -> RawSocket {
    let mut socket = RawSocket::from(tokio::net::TcpStream::connect(addr).await.unwrap());
    socket.upgrade(path).await;
    socket
}

#[tokio::test]
async fn axums_router_takes_websocket_routes() {
    let app = axum::Router::new()
        .route("/page", get(async |State(Greeting(greeting)): State<Greeting>| greeting))
        .websocket("/ws/{name}", greet)
        .websocket_with("/small", until_closed, WebSocketConfig::default().max_message_size(3))
        .with_state(Greeting("Hello"));
    let client = client(app);
    assert_eq!(client.get("/page").await.text(), "Hello");
    assert_eq!(client.connect("/ws/ann").await.recv_text().await, "Hello, ann!");
    let mut socket = client.connect("/small").await;
    socket.send_text("four").await;
    socket.expect_close(1009).await;
}

#[tokio::test]
async fn our_router_may_be_merged_and_nested_into_an_axum_application() -> Result<()> {
    let ours = || Router::new().state(Greeting("Hi")).websocket("/ws/{name}", greet);
    let app = axum::Router::new()
        .route("/page", get(async || "a page"))
        .merge(ours().into_axum()?)
        .nest("/nested", ours().into_axum()?)
        .websocket("/direct", until_closed);
    let (addr, served) = serve(app).await;
    for path in ["/ws/ann", "/nested/ws/ann"] {
        let mut peer = open(addr, path).await;
        peer.expect_text("Hi, ann!").await;
        peer.send(&support::close(1000, "")).await;
        peer.expect_close(1000).await;
        assert_eq!(peer.end().await, support::End::Eof);
    }
    open(addr, "/direct").await;
    served.abort();
    Ok(())
}

#[tokio::test]
async fn our_router_converts_into_axums() -> Result<()> {
    let ours = Router::new().state(Greeting("Hi")).websocket("/ws/{name}", greet);
    let app: axum::Router = ours.try_into()?;
    let mut socket = client(Router::from(app).get("/page", async || "a page")).connect("/ws/ann").await;
    assert_eq!(socket.recv_text().await, "Hi, ann!");
    Ok(())
}

#[tokio::test]
async fn a_shutdown_drains_websockets_of_an_axum_application() -> Result<()> {
    let shutdown = Shutdown::with_config(ignitia::DrainConfig::default().jitter(std::time::Duration::ZERO));
    let ours = Router::new().state(Greeting("Hi")).websocket("/ws/{name}", greet).shutdown(shutdown.clone());
    let (addr, served) = serve(ours.into_axum()?).await;
    let mut peer = open(addr, "/ws/ann").await;
    peer.expect_text("Hi, ann!").await;
    let draining = tokio::spawn(async move { shutdown.drain().await });
    peer.expect_close(1001).await;
    peer.send(&support::close(1001, "")).await;
    peer.end().await;
    drop(peer);
    assert_eq!(draining.await.unwrap().clean, 1);
    served.abort();
    Ok(())
}
