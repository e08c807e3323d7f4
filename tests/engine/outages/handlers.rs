//! Handlers that an outage makes fail.

use std::net::{Ipv4Addr, SocketAddr};

use futures_util::StreamExt;
use ignitia::{
    engine::{EngineConfig, RedisEngine},
    prelude::*,
};
use tokio::net::TcpStream;
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite};
use tracing::Level;

use crate::support::{Log, within};

/// Returns the error of an engine whose server is away.
async fn unavailable() -> ignitia::Error {
    // Nobody listens there.
    let connected = RedisEngine::connect("redis://127.0.0.1:1", EngineConfig::new("away")).await;
    let error = connected.map(drop).unwrap_err();
    assert!(error.is_unavailable(), "{error:?}");
    error
}

#[websocket("/before")]
async fn before(_ws: WebSocketConnection) -> Result<Response> {
    Err(unavailable().await)
}

#[websocket("/after")]
async fn after(ws: WebSocketConnection) -> Result<Response> {
    ws.accept().await?;
    Err(unavailable().await)
}

async fn connect(
    addr: SocketAddr,
    path: &str,
) -> std::result::Result<WebSocketStream<TcpStream>, tungstenite::Error> {
    let stream = TcpStream::connect(addr).await.unwrap();
    let connecting = client_async(format!("ws://{addr}{path}"), stream);
    within("an answer", connecting).await.map(|(socket, _)| socket)
}

/// Each connection fails then. One line of the engine says so; those of handlers are for a search.
#[tokio::test]
async fn a_handler_that_fails_by_an_outage_is_logged_with_the_reason_for_debugging_only() {
    let (log, _logging) = Log::begin_at(Level::DEBUG);
    let router = Router::new().mount(before).mount(after);
    let bound = Server::new(router, SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).bind().await.unwrap();
    let addr = bound.local_addr();
    let server = tokio::spawn(bound.run());

    let refused = connect(addr, "/before").await;
    assert!(matches!(refused, Err(tungstenite::Error::Http(response)) if response.status() == 503));
    let line = log.line("the WebSocket handler failed before the upgrade").await;
    assert!(line.contains("DEBUG") && line.contains("refused"), "{line}");

    let mut socket = connect(addr, "/after").await.unwrap();
    let end = within("the end", socket.next()).await.unwrap().unwrap();
    assert!(matches!(end, tungstenite::Message::Close(Some(frame)) if u16::from(frame.code) == 1013));
    let line = log.line("handler_outcome: the WebSocket handler failed").await;
    assert!(line.contains("DEBUG") && line.contains("refused"), "{line}");
    assert!(!log.text().contains("ERROR"), "{}", log.text());
    server.abort();
}
