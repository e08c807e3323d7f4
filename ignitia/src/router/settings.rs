//! Settings that hold for all routes of a router, those that were added before included.

use std::sync::Arc;

use super::router::Router;
use crate::{
    connection::{Closed, OnClose, WebSocketConfig},
    limits::{Admission, Limits, TrustedProxies},
    shutdown::Shutdown,
    upgrade::{OnUpgradeFailed, RouterConfig, UpgradeFailed},
};

impl<S> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    /// Gives a value to every route, those added before too. Handlers take it with `Extension`.
    pub fn extension<T>(mut self, value: T) -> Self
    where
        T: Clone + Send + Sync + 'static,
    {
        self.extensions.insert(value);
        self
    }

    /// The limits and rules of every WebSocket route that has none of its own, those added before too.
    pub fn websocket_config(mut self, config: WebSocketConfig) -> Self {
        self.table.add_faults(config.faults());
        self.extension(RouterConfig(config.into()))
    }

    /// How many WebSockets there may be, and from whom. They are counted for this router and what is nested in it; called
    /// again, the last one counts.
    pub fn limits(self, limits: Limits) -> Self {
        self.extension(Admission::new(limits))
    }

    /// The reverse proxies that are believed, on where a request comes from and how the client has asked: see [`TrustedProxies`].
    /// A nested router's own go before; called again, the last ones count. Default: nobody.
    pub fn trusted_proxies(self, proxies: TrustedProxies) -> Self {
        self.extension(proxies)
    }

    /// Calls this for every connection of these routes that has ended, once, when its handler has ended too: whatever the
    /// end was, the drain and an abort included. It is called where the connection ends, and must not block; a panic in it
    /// is logged. A nested router's own goes before; called again, the last one counts.
    ///
    /// ```
    /// use ignitia::{prelude::*, websocket::CloseKind};
    ///
    /// # async fn echo(mut ws: WebSocketConnection) -> Response { Response::ok() }
    /// let router = Router::new().websocket("/ws", echo).on_close(|closed| {
    ///     if closed.cause.kind == CloseKind::WriteStall {
    ///         eprintln!("{}: {} was too slow, after {:?}", closed.route, closed.id, closed.open_for);
    ///     }
    /// });
    /// ```
    pub fn on_close(self, hook: impl Fn(Closed<'_>) + Send + Sync + 'static) -> Self {
        self.extension(OnClose::new(Arc::new(hook)))
    }

    /// Calls this for every handshake of these routes that came to nothing: refused by us, by an extractor or by the handler, or
    /// given up by the client. It is called before the answer is sent, and must not block; a panic in it is logged. A
    /// nested router's own goes before; called again, the last one counts.
    ///
    /// ```
    /// use ignitia::{prelude::*, websocket::UpgradeFailure};
    ///
    /// # async fn echo(mut ws: WebSocketConnection) -> Response { Response::ok() }
    /// let router = Router::new().websocket("/ws", echo).on_upgrade_failed(|failed| {
    ///     if failed.why == UpgradeFailure::ForeignOrigin {
    ///         eprintln!("a foreign page at {:?} asked for {}", failed.peer, failed.route);
    ///     }
    /// });
    /// ```
    pub fn on_upgrade_failed(self, hook: impl Fn(UpgradeFailed<'_>) + Send + Sync + 'static) -> Self {
        self.extension(OnUpgradeFailed::new(Arc::new(hook)))
    }

    /// Lets this drain the WebSockets of every route, instead of the server's own. A router that is nested or merged
    /// keeps one of its own; the server drains that too.
    pub fn shutdown(self, shutdown: Shutdown) -> Self {
        self.extension(shutdown)
    }
}
