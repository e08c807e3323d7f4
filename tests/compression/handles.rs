//! Connections whose server ends are in the hands of the test.

use ignitia::{prelude::*, websocket::WebSocketConfig};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::peer::{Peer, offering};
use crate::support::{RawSocket, Running, Transport, next};

/// A server that hands out its ends of connections.
pub(super) struct Handles {
    pub(super) server: Running,
    opened: UnboundedReceiver<WebSocketConnection>,
}

impl Handles {
    /// Serves routes with these configurations by our own server.
    pub(super) async fn new(routes: impl IntoIterator<Item = (&'static str, WebSocketConfig)>) -> Self {
        Self::over(Transport::Plain, routes).await
    }

    /// Serves them over a transport.
    pub(super) async fn over(
        transport: Transport,
        routes: impl IntoIterator<Item = (&'static str, WebSocketConfig)>,
    ) -> Self {
        let (opened, router) = Self::of(routes);
        Self { server: transport.serve(router).await, opened }
    }

    /// Returns the routes, and the server's ends of their connections.
    pub(super) fn of(
        routes: impl IntoIterator<Item = (&'static str, WebSocketConfig)>,
    ) -> (UnboundedReceiver<WebSocketConnection>, Router) {
        let (open, opened) = unbounded_channel();
        let router = routes.into_iter().fold(Router::new(), |router, (path, config)| {
            let open = open.clone();
            router.websocket_with(path, move |ws: WebSocketConnection| hand_out(ws, open.clone()), config)
        });
        (opened, router)
    }

    /// Returns both ends of a new connection with compression.
    pub(super) async fn open(&mut self, path: &str, offer: &str) -> (Peer, WebSocketConnection) {
        let peer = Peer::open(&self.server, path, offer).await;
        (peer, next(&mut self.opened).await)
    }

    /// Returns both ends of a new connection without compression.
    pub(super) async fn open_plain(&mut self, path: &str) -> (RawSocket, WebSocketConnection) {
        let (head, socket) = self.server.ask(&offering(path, &[])).await;
        assert_eq!((head.status, head.get("sec-websocket-extensions")), (101, None));
        (socket, next(&mut self.opened).await)
    }
}

async fn hand_out(
    mut ws: WebSocketConnection,
    open: UnboundedSender<WebSocketConnection>,
) -> Result<Response> {
    ws.accept().await?;
    open.send(ws.clone()).unwrap();
    while ws.recv().await.is_some() {}
    Ok(Response::ok())
}
