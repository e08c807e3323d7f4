//! Handlers that are called for every batch of messages.

use std::{sync::Arc, time::Duration};

use axum_core::response::Response;
use tokio::time::{Instant, timeout_at};
use tracing::Instrument;

use super::{
    message_handler::{MessageHandler, end_of_session, next_message},
    outcome::Outcome,
};
use crate::{
    connection::{HandlerProgress, ReceiveMode, WebSocketConnection},
    message::Message,
};

/// Returns a handler that calls a function with batches of messages, in order, one batch at a time.
///
/// A batch is complete when it holds `size` messages (at least 1), or `timeout_ms` milliseconds
/// after its first one, whichever is first. When the connection ends, the pending messages are the
/// last batch. Batches hold text, binary and, as the very last message, the peer's close frame, but
/// not pings and pongs. Outcomes are as in
/// [`websocket_message_handler`](super::websocket_message_handler).
///
/// ```
/// use ignitia::prelude::*;
/// use ignitia::websocket::websocket_batch_handler;
///
/// // Up to 50 at a time, none older than 100 ms.
/// let store = websocket_batch_handler(
///     |ws, batch| async move {
///         let stored = batch.iter().filter(|message| message.is_data()).count();
///         ws.send_json(&json!({ "stored": stored })).await?;
///         Ok::<_, Error>(Response::ok())
///     },
///     50,
///     100,
/// );
/// let router = Router::new().websocket("/store", store);
/// ```
pub fn websocket_batch_handler<Fut, HandlerOutcome>(
    handler: impl Fn(WebSocketConnection, Vec<Message>) -> Fut + Send + Sync + 'static,
    size: usize,
    timeout_ms: u64,
) -> MessageHandler
where
    Fut: Future + Send + 'static,
    Fut::Output: Outcome<HandlerOutcome>, // not `()`: `Response::ok()`, or a `CloseFrame`
{
    let (handler, size, timeout) = (Arc::new(handler), size.max(1), Duration::from_millis(timeout_ms));
    MessageHandler::new(move |mut ws| {
        let handler = handler.clone();
        Box::pin(async move {
            while let Some(batch) = collect(&mut ws, size, timeout).await {
                let outcome = {
                    let _timer = ws.start_timer();
                    let span = tracing::debug_span!("batch", messages = batch.len());
                    async { handler(ws.clone(), batch).await }.instrument(span).await
                };
                if let Some(end) = end_of_session(outcome) {
                    return end;
                }
                ws.set_handler_progress(HandlerProgress::Done);
            }
            Response::default()
        })
    })
}

/// Collects the next batch; `None` when the connection has ended and no message is pending.
async fn collect(ws: &mut WebSocketConnection, size: usize, timeout: Duration) -> Option<Vec<Message>> {
    let mut batch = vec![next_message(ws, ReceiveMode::Call).await?];
    let now = Instant::now();
    let deadline = now.checked_add(timeout).unwrap_or(now + Duration::from_secs(u64::from(u32::MAX)));
    while batch.len() < size && !batch.last().is_some_and(Message::is_close) {
        match timeout_at(deadline, next_message(ws, ReceiveMode::CallForMore)).await {
            Ok(Some(message)) => batch.push(message),
            Ok(None) | Err(_) => break,
        }
    }
    Some(batch)
}
