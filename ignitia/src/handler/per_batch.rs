use std::{sync::Arc, time::Duration};

use axum_core::response::Response;
use tokio::time::{Instant, timeout_at};
use tracing::Instrument;

use super::{MessageHandler, SaysHowTheSessionEnded, per_message::next, verdict};
use crate::{
    connection::{HandlerProgress, ReceiveMode, WebSocketConnection},
    message::Message,
};

/// Makes a handler that is called with batches of messages, in order, one batch at a time.
///
/// A batch is handed over when it holds `size` messages (at least 1) or `timeout_ms` milliseconds after its first
/// one, whichever is first; what is pending when the connection ends is handed over too. Batches hold text, binary
/// and, last of the last, the peer's close frame, not pings and pongs. Outcomes are as in
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
pub fn websocket_batch_handler<Fut, HowTheSessionEnded>(
    handler: impl Fn(WebSocketConnection, Vec<Message>) -> Fut + Send + Sync + 'static,
    size: usize,
    timeout_ms: u64,
) -> MessageHandler
where
    Fut: Future + Send + 'static,
    Fut::Output: SaysHowTheSessionEnded<HowTheSessionEnded>, // not `()`: `Response::ok()`, or a `CloseFrame`
{
    let (handler, size, timeout) = (Arc::new(handler), size.max(1), Duration::from_millis(timeout_ms));
    MessageHandler::new(move |mut ws| {
        let handler = handler.clone();
        Box::pin(async move {
            while let Some(batch) = collect(&mut ws, size, timeout).await {
                let outcome = {
                    let _clock = ws.clock();
                    let span = tracing::debug_span!("batch", messages = batch.len());
                    async { handler(ws.clone(), batch).await }.instrument(span).await
                };
                if let Some(end) = verdict(outcome) {
                    return end;
                }
                ws.set_handler_progress(HandlerProgress::Done);
            }
            Response::default()
        })
    })
}

/// The next batch; `None` when the connection has ended and nothing is pending.
async fn collect(ws: &mut WebSocketConnection, size: usize, timeout: Duration) -> Option<Vec<Message>> {
    let mut batch = vec![next(ws, ReceiveMode::Call).await?];
    let now = Instant::now();
    let deadline = now.checked_add(timeout).unwrap_or(now + Duration::from_secs(u64::from(u32::MAX)));
    while batch.len() < size && !batch.last().is_some_and(Message::is_close) {
        match timeout_at(deadline, next(ws, ReceiveMode::CallForMore)).await {
            Ok(Some(message)) => batch.push(message),
            Ok(None) | Err(_) => break,
        }
    }
    Some(batch)
}
