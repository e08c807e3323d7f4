//! WebSockets over HTTP/2, as far as they differ from HTTP/1.1. All else is tested over both by
//! `support::everywhere`.

mod abuse;
mod ends;
mod opening;
mod request_parity;
mod same_port;
mod streams;

use ignitia::{
    prelude::*,
    websocket::{CloseCause, WebSocketConfig},
};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::support::{RawSocket, Running, Transport, reporting_echo};

/// Serves an echo at `/ws`, whose handlers report the cause of their end.
async fn echo(config: WebSocketConfig) -> (Running, UnboundedReceiver<CloseCause>) {
    let (log, causes) = unbounded_channel();
    let router = Router::new()
        .websocket_config(config)
        .websocket("/ws", move |ws: WebSocketConnection| reporting_echo(ws, log.clone()));
    (Transport::Http2.serve(router.get("/page", || async { "a page" })).await, causes)
}

/// Opens another WebSocket on the same connection.
async fn open_beside(socket: &RawSocket) -> RawSocket {
    let mut sibling = socket.sibling();
    sibling.upgrade("/ws").await;
    sibling
}
