//! Settings of all routes of a router, also of those that were added before.

use std::sync::Arc;

use super::router::Router;
use crate::{
    connection::{ConnectionClosed, OnClose, WebSocketConfig},
    limits::{Admission, Limits, TrustedProxies},
    shutdown::Shutdown,
    upgrade::{HandshakeFailed, OnHandshakeFailed, RouterConfig},
};

impl<S> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    /// Adds an extension to all routes, also to those added before. Handlers extract it with
    /// `Extension`.
    pub fn extension<T>(mut self, value: T) -> Self
    where
        T: Clone + Send + Sync + 'static,
    {
        self.extensions.insert(value);
        self
    }

    /// Sets the configuration of every WebSocket route that has none of its own, also of those
    /// added before.
    pub fn websocket_config(mut self, config: WebSocketConfig) -> Self {
        self.table.add_faults(config.faults());
        self.extension(RouterConfig(config.into()))
    }

    /// Limits the number of WebSockets, in total and for each peer, and the rate of handshakes.
    /// They are counted for this router and its nested routers together. If it is called again, the
    /// last call counts.
    pub fn limits(self, limits: Limits) -> Self {
        self.extension(Admission::new(limits))
    }

    /// Sets the reverse proxies that are trusted on the client's address, scheme and host: see
    /// [`TrustedProxies`]. A nested router's own take precedence. If it is called again, the last
    /// call counts. By default no proxy is trusted.
    pub fn trusted_proxies(self, proxies: TrustedProxies) -> Self {
        self.extension(proxies)
    }

    /// Calls a function once for every connection of these routes that has ended, after its handler
    /// has ended too, for every cause, including graceful shutdown and abort. It is called in the
    /// connection's task and must not block; a panic in it is logged. A nested router's own takes
    /// precedence. If it is called again, the last call counts.
    ///
    /// ```
    /// use ignitia::{prelude::*, websocket::CloseKind};
    ///
    /// # async fn echo(mut ws: WebSocketConnection) -> Response { Response::ok() }
    /// let router = Router::new().websocket("/ws", echo).on_close(|closed| {
    ///     if closed.cause.kind == CloseKind::WriteStall {
    ///         let open_for = closed.open_for;
    ///         eprintln!("{}: {} was too slow, after {open_for:?}", closed.route, closed.id);
    ///     }
    /// });
    /// ```
    pub fn on_close(self, hook: impl Fn(ConnectionClosed<'_>) + Send + Sync + 'static) -> Self {
        self.extension(OnClose::new(Arc::new(hook)))
    }

    /// Calls a function for every handshake of these routes that failed: refused by the protocol,
    /// by an extractor or by the handler, or given up by the client. It is called before the
    /// response is sent and must not block; a panic in it is logged. A nested router's own takes
    /// precedence. If it is called again, the last call counts.
    ///
    /// ```
    /// use ignitia::{prelude::*, websocket::HandshakeFailure};
    ///
    /// # async fn echo(mut ws: WebSocketConnection) -> Response { Response::ok() }
    /// let router = Router::new().websocket("/ws", echo).on_handshake_failed(|failed| {
    ///     if failed.reason == HandshakeFailure::ForeignOrigin {
    ///         eprintln!("a foreign page at {:?} asked for {}", failed.peer, failed.route);
    ///     }
    /// });
    /// ```
    pub fn on_handshake_failed(self, hook: impl Fn(HandshakeFailed<'_>) + Send + Sync + 'static) -> Self {
        self.extension(OnHandshakeFailed::new(Arc::new(hook)))
    }

    /// Sets the [`Shutdown`] that drains the WebSockets of all routes, instead of the server's. A
    /// router that is nested or merged keeps its own; the server drains that too.
    pub fn shutdown(self, shutdown: Shutdown) -> Self {
        self.extension(shutdown)
    }
}
