//! Handlers that are called for every message, or for every batch.

use std::{fmt, sync::Arc};

use axum_core::response::{IntoResponse, Response};

use super::websocket_handler::WebSocketHandler;
use crate::{
    close::CloseFrame,
    connection::{HandlerFuture, ReceiveMode, WebSocketConnection},
    message::Message,
    sealed::Private,
};

/// Handler that [`websocket_message_handler`](super::websocket_message_handler) and
/// [`websocket_batch_handler`](super::websocket_batch_handler) return.
///
/// Its type does not name that of the function, so that rustc reports a mistake in the function
/// once, where the handler is created.
#[derive(Clone)]
pub struct MessageHandler(Arc<dyn Fn(WebSocketConnection) -> HandlerFuture + Send + Sync>);

impl MessageHandler {
    pub(super) fn new(start: impl Fn(WebSocketConnection) -> HandlerFuture + Send + Sync + 'static) -> Self {
        Self(Arc::new(start))
    }
}

impl fmt::Debug for MessageHandler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageHandler").finish_non_exhaustive()
    }
}

#[derive(Debug)]
#[allow(missing_docs, unreachable_pub, reason = "a marker that no code names")]
pub enum PerMessage {}

#[diagnostic::do_not_recommend]
impl WebSocketHandler<PerMessage> for MessageHandler {
    type Extract = ();
    type Output = Response;
    type Future = HandlerFuture;

    fn call(&self, (): (), ws: WebSocketConnection) -> HandlerFuture {
        (self.0)(ws)
    }

    fn sealed(_: Private) {}
}

/// Returns the outcome of a call if it ends the session.
pub(super) fn end_of_session(output: impl IntoResponse) -> Option<Response> {
    let response = output.into_response();
    let ends = response.status().as_u16() >= 400 || response.extensions().get::<CloseFrame>().is_some();
    ends.then_some(response)
}

/// Receives the next message that such handlers see: no pings and pongs.
pub(super) async fn next_message(ws: &mut WebSocketConnection, mode: ReceiveMode) -> Option<Message> {
    loop {
        match ws.receive(mode).await? {
            Message::Ping(_) | Message::Pong(_) => {}
            message => return Some(message),
        }
    }
}
