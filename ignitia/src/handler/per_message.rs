//! Handlers that are called for every message.

use std::sync::Arc;

use axum_core::response::Response;
use tracing::Instrument;

use super::{
    message_handler::{MessageHandler, end_of_session, next_message},
    outcome::Outcome,
};
use crate::{
    connection::{ReceiveMode, WebSocketConnection},
    message::Message,
};

/// Returns a handler that calls a function once for every message, in order, one at a time.
///
/// The function receives text, binary and, last, the peer's close frame, but not pings and pongs.
/// If a call returns a 1xx to 3xx or a text, the session goes on, and nothing is sent. A 4xx, a
/// 5xx, a `CloseFrame` and a panic end the session like a handler's outcome. The upgrade does not
/// wait for a decision.
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
pub fn websocket_message_handler<Fut, HandlerOutcome>(
    handler: impl Fn(WebSocketConnection, Message) -> Fut + Send + Sync + 'static,
) -> MessageHandler
where
    Fut: Future + Send + 'static,
    Fut::Output: Outcome<HandlerOutcome>, // not `()`: `Response::ok()`, or a `CloseFrame`
{
    let handler = Arc::new(handler);
    MessageHandler::new(move |mut ws| {
        let handler = handler.clone();
        Box::pin(async move {
            while let Some(message) = next_message(&mut ws, ReceiveMode::Call).await {
                let outcome = {
                    let _timer = ws.start_timer();
                    let call = async { handler(ws.clone(), message).await };
                    call.instrument(tracing::debug_span!("message")).await
                };
                if let Some(end) = end_of_session(outcome) {
                    return end;
                }
            }
            Response::default()
        })
    })
}
