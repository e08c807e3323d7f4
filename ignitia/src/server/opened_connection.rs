use std::{
    future::{Future, ready},
    pin::Pin,
    task::{Context, Poll},
};

use axum::extract::Request;
use bytes::Bytes;
use http::StatusCode;
use tokio_util::either::Either;

use super::{
    client::Client, connection_service::EarlyRequest, request_router::RequestRouter,
    switching_protocols::switching_protocols, upgrade_request::upgrade_request,
};
use crate::upgrade::{DirectUpgrade, WaitingTask};

/// Connection after its first bytes.
pub(super) enum OpenedConnection {
    /// The handler of a WebSocket has decided.
    WebSocket {
        /// Head of the 101.
        head: Vec<u8>,
        /// Bytes behind the request.
        early: Bytes,
        /// The connection task, which waits for its transport.
        task: WaitingTask,
    },
    /// hyper has to read the bytes, and to write the response. The request in them may have been
    /// passed on already.
    Http(Option<Box<EarlyRequest>>),
}

impl OpenedConnection {
    /// Passes the request in these bytes to its route, if it is one for a WebSocket that needs no
    /// hyper.
    pub(super) fn after(first: &Bytes, router: &RequestRouter, client: Client, cx: &mut Context<'_>) -> Self {
        let Some((request, early)) = upgrade_request(first, &router.served.upgrade_paths) else {
            return Self::Http(None);
        };
        match EarlyRequest::pass(request, router, client, cx) {
            Ok((head, task)) => Self::WebSocket { head, early, task },
            Err(early) => Self::Http(Some(early)),
        }
    }
}

impl EarlyRequest {
    /// Passes a request to its route. Returns the head of the 101 and the task, if the handler
    /// decides at once.
    fn pass(
        mut request: Request,
        router: &RequestRouter,
        client: Client,
        cx: &mut Context<'_>,
    ) -> Result<(Vec<u8>, WaitingTask), Box<Self>> {
        let upgrade = DirectUpgrade::default();
        let response = match router.prepare(&mut request, client, Some(upgrade.clone())) {
            Some(refusal) => Either::Right(ready(Ok(refusal))),
            None => {
                let mut response = router.call(request);
                match Pin::new(&mut response).poll(cx) {
                    Poll::Pending => Either::Left(response),
                    Poll::Ready(Ok(response)) => {
                        if response.status() == StatusCode::SWITCHING_PROTOCOLS
                            && let Some(task) = upgrade.take_task()
                        {
                            return Ok((switching_protocols(&response), task));
                        }
                        Either::Right(ready(Ok(response)))
                    }
                }
            }
        };
        Err(Box::new(Self { upgrade, response }))
    }
}
