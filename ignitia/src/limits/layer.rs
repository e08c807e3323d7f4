use std::task::{Context, Poll};

use http::Request;
use tower_layer::Layer;
use tower_service::Service;

use super::{admission::Admission, config::Limits};

/// Layer that enforces [`Limits`] for the WebSocket routes of an `axum::Router`. Its clones, and
/// the services that it makes, share their counters.
///
/// ```
/// use ignitia::{RouterExt, limits::{Limits, LimitsLayer}, prelude::*};
///
/// # async fn echo(mut ws: WebSocketConnection) -> Response { Response::ok() }
/// let limits = Limits::default().max_connections(10_000);
/// let app: axum::Router =
///     axum::Router::new().websocket("/ws", echo).layer(LimitsLayer::new(limits));
/// ```
#[derive(Debug, Clone)]
pub struct LimitsLayer(Admission);

/// Service of a [`LimitsLayer`].
#[derive(Debug, Clone)]
pub struct LimitsService<S> {
    inner: S,
    admission: Admission,
}

impl LimitsLayer {
    /// Creates a layer whose counters are zero.
    pub fn new(limits: Limits) -> Self {
        Self(Admission::new(limits))
    }
}

impl<S> Layer<S> for LimitsLayer {
    type Service = LimitsService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        LimitsService { inner, admission: self.0.clone() }
    }
}

impl<S, B> Service<Request<B>> for LimitsService<S>
where
    S: Service<Request<B>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> S::Future {
        request.extensions_mut().insert(self.admission.clone());
        self.inner.call(request)
    }
}
