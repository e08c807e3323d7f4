use std::{fmt, future::Future, pin::Pin, sync::Arc};

use axum_core::response::{IntoResponse, Response};

use super::{SaysHowTheSessionEnded, WebSocketHandler, verdict};
use crate::{connection::WebSocketConnection, message::Message};

/// Makes a handler that is called once for every message, in order, one at a time.
///
/// It sees text, binary and, last, the peer's close frame, not pings and pongs. A call's 1xx to 3xx or text means "go
/// on" and is not sent; a 4xx, a 5xx, a `CloseFrame` and a panic end the session like a handler's outcome. The upgrade
/// does not wait for a decision.
///
/// ```
/// use ignitia::prelude::*;
/// use ignitia::websocket::websocket_message_handler;
///
/// let shout = websocket_message_handler(|ws, message| async move {
///     if let Message::Text(text) = message {
///         ws.send_text(text.to_uppercase()).await?;
///     }
///     Ok::<_, Error>(Response::ok())
/// });
/// let router = Router::new().websocket("/shout", shout);
/// ```
pub fn websocket_message_handler<F, Fut, Said>(handler: F) -> MessageHandler<F>
where
    F: Fn(WebSocketConnection, Message) -> Fut + Send + Sync + 'static,
    Fut: Future + Send + 'static,
    Fut::Output: IntoResponse + SaysHowTheSessionEnded<Said>,
{
    MessageHandler { handler: Arc::new(handler) }
}

/// What [`websocket_message_handler`] makes.
pub struct MessageHandler<F> {
    handler: Arc<F>,
}

impl<F> Clone for MessageHandler<F> {
    fn clone(&self) -> Self {
        Self { handler: self.handler.clone() }
    }
}

impl<F> fmt::Debug for MessageHandler<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageHandler").finish_non_exhaustive()
    }
}

#[derive(Debug)]
#[allow(missing_docs, unreachable_pub, reason = "a marker that nobody names")]
pub enum PerMessage {}

#[diagnostic::do_not_recommend]
impl<F, Fut> WebSocketHandler<PerMessage> for MessageHandler<F>
where
    F: Fn(WebSocketConnection, Message) -> Fut + Send + Sync + 'static,
    Fut: Future + Send + 'static,
    Fut::Output: IntoResponse,
{
    type Extract = ();
    type Output = Response;
    type Future = Pin<Box<dyn Future<Output = Response> + Send>>;

    fn call(&self, (): (), mut ws: WebSocketConnection) -> Self::Future {
        let handler = self.handler.clone();
        Box::pin(async move {
            while let Some(message) = next(&mut ws).await {
                let call = handler(ws.clone(), message);
                if let Some(end) = verdict(call.await) {
                    return end;
                }
            }
            Response::default()
        })
    }
}

/// The next message that per-message handlers see.
pub(super) async fn next(ws: &mut WebSocketConnection) -> Option<Message> {
    loop {
        match ws.recv().await? {
            Message::Ping(_) | Message::Pong(_) => {}
            message => return Some(message),
        }
    }
}
