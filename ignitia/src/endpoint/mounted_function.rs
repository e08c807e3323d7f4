//! An annotated function on a route.

use std::{fmt, marker::PhantomData, sync::Arc};

use axum_core::{extract::Request, response::Response};

use super::function_endpoint::{Endpoint, Prepared};
use crate::{
    connection::{HandlerFuture, WebSocketConnection},
    upgrade::{RouteContext, Serve},
};

/// An annotated function on a route.
pub(crate) struct MountedFunction<E, Via>(PhantomData<fn() -> (E, Via)>);

impl<E, Via> MountedFunction<E, Via> {
    pub(crate) fn new() -> Self {
        Self(PhantomData)
    }
}

impl<E, Via> fmt::Debug for MountedFunction<E, Via> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MountedFunction").finish_non_exhaustive()
    }
}

impl<E, Via, S> Serve<S> for MountedFunction<E, Via>
where
    E: Endpoint<S, Via>,
    Via: 'static,
{
    type Arguments = Prepared;

    fn reads_body() -> bool {
        E::reads_body()
    }

    fn extract(
        request: Request,
        state: &S,
        _: &RouteContext,
    ) -> impl Future<Output = Result<Prepared, Response>> + Send {
        E::prepare(request, state)
    }

    fn start(self: Arc<Self>, session: Prepared, ws: WebSocketConnection) -> HandlerFuture {
        session.start(ws)
    }
}
