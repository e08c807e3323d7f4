use std::{
    future::{Future, ready},
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::StatusCode;
use tokio_util::either::Either;
use tracing::instrument::Instrumented;

use super::{
    client::Client, connection_service::EarlyRequest, request_router::RequestRouter,
    upgrade_request::upgrade_request,
};
use crate::{
    connection::ConnectionTask,
    upgrade::{DirectUpgrade, WaitingTask},
};

/// Connection after its first bytes.
pub(super) enum OpenedConnection {
    /// The handler of a WebSocket has decided.
    WebSocket {
        /// Head of the 101.
        head: Vec<u8>,
        /// Bytes behind the request.
        early: Bytes,
        /// The connection task, which waits for its transport.
        task: Box<Instrumented<ConnectionTask>>,
    },
    /// hyper has to read the bytes, and to write the response. The request in them may have been
    /// passed on already.
    Http(Option<Box<EarlyRequest>>),
}

impl OpenedConnection {
    /// Passes the request in these bytes to its route, if it is one for a WebSocket that needs no
    /// hyper.
    pub(super) fn after(first: &Bytes, router: &RequestRouter, client: Client, cx: &mut Context<'_>) -> Self {
        let (paths, max_headers) = (&router.served.upgrade_paths, router.head_limits.headers);
        let Some((request, early)) = upgrade_request(first, paths, max_headers) else {
            return Self::Http(None);
        };
        let upgrade = DirectUpgrade::default();
        let mut response = router.call(request, client, Some(upgrade.clone()));
        let response = match Pin::new(&mut response).poll(cx) {
            Poll::Pending => Either::Left(response),
            Poll::Ready(Ok(response)) => {
                if response.status() == StatusCode::SWITCHING_PROTOCOLS
                    && let Some(WaitingTask { task, accepted }) = upgrade.take_task()
                {
                    let head = accepted.switching_head(response.headers());
                    return Self::WebSocket { head, early, task };
                }
                Either::Right(ready(Ok(response)))
            }
        };
        Self::Http(Some(Box::new(EarlyRequest { upgrade, response })))
    }
}
