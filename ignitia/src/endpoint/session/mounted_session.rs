//! A session on a route.

use std::{fmt, marker::PhantomData, sync::Arc};

use axum_core::{extract::Request, response::Response};

use super::{accepted_session::AcceptedSession, session_endpoint::SessionEndpoint};
use crate::{
    connection::{HandlerFuture, WebSocketConnection},
    upgrade::{RouteContext, Serve},
};

/// A session on a route.
pub(crate) struct MountedSession<T>(PhantomData<fn() -> T>);

impl<T> MountedSession<T> {
    pub(crate) fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T> fmt::Debug for MountedSession<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MountedSession").finish_non_exhaustive()
    }
}

impl<T, S> Serve<S> for MountedSession<T>
where
    T: SessionEndpoint<S>,
    S: Sync,
{
    type Arguments = AcceptedSession<T>;

    fn reads_body() -> bool {
        false
    }

    async fn extract(
        request: Request,
        state: &S,
        context: &RouteContext,
    ) -> Result<AcceptedSession<T>, Response> {
        let (session, inbox) = T::accept_from(request, state).await?;
        Ok(AcceptedSession::new(session, inbox, context))
    }

    fn start(self: Arc<Self>, accepted: AcceptedSession<T>, ws: WebSocketConnection) -> HandlerFuture {
        Box::pin(accepted.run(ws))
    }
}
