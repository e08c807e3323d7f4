//! A function on a route.

use std::{fmt, marker::PhantomData, sync::Arc};

use axum_core::{
    extract::Request,
    response::{IntoResponse, Response},
};

use super::{extracts::Extracts, websocket_handler::WebSocketHandler};
use crate::{
    connection::{HandlerFuture, WebSocketConnection},
    upgrade::{RouteContext, Serve},
};

/// A function that was registered by hand, without `#[websocket]`.
pub(crate) struct FunctionHandler<H, Args, Via> {
    handler: H,
    _types: PhantomData<fn() -> (Args, Via)>,
}

impl<H, Args, Via> FunctionHandler<H, Args, Via> {
    pub(crate) fn new(handler: H) -> Self {
        Self { handler, _types: PhantomData }
    }
}

impl<H, Args, Via> fmt::Debug for FunctionHandler<H, Args, Via> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FunctionHandler").finish_non_exhaustive()
    }
}

impl<H, Args, Via, S> Serve<S> for FunctionHandler<H, Args, Via>
where
    H: WebSocketHandler<Args> + Send + Sync + 'static,
    H::Output: IntoResponse,
    H::Future: Send + 'static,
    S: Extracts<H::Extract, Via>,
    Args: 'static,
    Via: 'static,
{
    type Arguments = H::Extract;

    fn reads_body() -> bool {
        S::reads_body()
    }

    fn bare_body() -> Option<&'static str> {
        S::bare_body()
    }

    fn extract(
        request: Request,
        state: &S,
        _: &RouteContext,
    ) -> impl Future<Output = Result<Self::Arguments, Response>> + Send {
        state.extract(request)
    }

    fn start(self: Arc<Self>, arguments: Self::Arguments, ws: WebSocketConnection) -> HandlerFuture {
        // Called inside the future: a handler that is no async fn may panic before it returns its
        // own.
        Box::pin(async move { self.handler.call(arguments, ws).await.into_response() })
    }
}
