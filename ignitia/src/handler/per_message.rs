use std::sync::Arc;

use axum_core::response::Response;
use tracing::Instrument;

use super::{MessageHandler, SaysHowTheSessionEnded, verdict};
use crate::{
    connection::{ReceiveMode, WebSocketConnection},
    message::Message,
};

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
pub fn websocket_message_handler<Fut, HowTheSessionEnded>(
    handler: impl Fn(WebSocketConnection, Message) -> Fut + Send + Sync + 'static,
) -> MessageHandler
where
    Fut: Future + Send + 'static,
    Fut::Output: SaysHowTheSessionEnded<HowTheSessionEnded>, // not `()`: `Response::ok()`, or a `CloseFrame`
{
    let handler = Arc::new(handler);
    MessageHandler::new(move |mut ws| {
        let handler = handler.clone();
        Box::pin(async move {
            while let Some(message) = next(&mut ws, ReceiveMode::Call).await {
                let outcome = {
                    let _clock = ws.clock();
                    let call = async { handler(ws.clone(), message).await };
                    call.instrument(tracing::debug_span!("message")).await
                };
                if let Some(end) = verdict(outcome) {
                    return end;
                }
            }
            Response::default()
        })
    })
}

/// The next message that per-message handlers see.
pub(super) async fn next(ws: &mut WebSocketConnection, receiver: ReceiveMode) -> Option<Message> {
    loop {
        match ws.receive(receiver).await?.into() {
            Message::Ping(_) | Message::Pong(_) => {}
            message => return Some(message),
        }
    }
}
