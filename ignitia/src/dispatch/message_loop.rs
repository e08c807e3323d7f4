//! One typed message after the other: receive, answer, and what becomes of malformed input.

use std::future::IntoFuture;

use axum_core::response::{IntoResponse, Response};
use bytes::Bytes;
use tracing::{Instrument, Span};

use super::{
    answer::Answer,
    correlation_id::Asked,
    error_budget::ErrorBudget,
    error_reply::ErrorReply,
    liveness::LivenessReceiver,
    malformed::Malformed,
    other_input::OtherInput,
    owned_message::Decode,
    policy::{OnMalformed, Policy},
};
use crate::{
    close::{CloseCode, CloseFrame},
    connection::{ReceiveMode, WebSocketConnection},
    metrics::HandlerTimer,
    protocol::{Incoming, ReceivedText},
    time::now,
};

/// Data that was received.
#[derive(Debug)]
pub(crate) enum ReceivedData {
    Text(ReceivedText),
    /// Only where it is handled.
    Binary(Bytes),
}

/// One typed message after the other.
#[derive(Debug)]
pub(crate) struct MessageLoop {
    receiver: LivenessReceiver,
    policy: Policy,
    budget: ErrorBudget,
}

impl MessageLoop {
    pub(crate) fn new(ws: WebSocketConnection, policy: Policy) -> Self {
        let config = ws.config();
        let budget = ErrorBudget::new(config.malformed_limit, config.malformed_window);
        Self { receiver: LivenessReceiver::new(ws, policy.id), policy, budget }
    }

    pub(crate) fn ws(&self) -> &WebSocketConnection {
        &self.receiver.ws
    }

    /// The next message; `Err` with the frame to close with, or nothing, when there are no more. Dropped before it returned,
    /// it has taken none.
    pub(crate) async fn next(&mut self) -> Result<ReceivedData, Option<CloseFrame>> {
        loop {
            match self.receiver.recv(ReceiveMode::TypedCall).await {
                Some(Incoming::Text(text)) => return Ok(ReceivedData::Text(text)),
                Some(Incoming::Binary(bytes)) if self.policy.takes_binary => {
                    return Ok(ReceivedData::Binary(bytes));
                }
                Some(Incoming::Binary(_)) if self.policy.on_malformed == OnMalformed::Ignore => {}
                Some(Incoming::Binary(_)) => {
                    let malformed = Malformed::binary();
                    tracing::debug!(connection = %self.ws().id(), %malformed, "closing");
                    let reason = malformed.message().to_owned();
                    return Err(Some(CloseFrame { code: CloseCode::UNSUPPORTED, reason }));
                }
                Some(Incoming::Ping(_) | Incoming::Pong(_)) => {}
                Some(Incoming::Close(_)) | None => return Err(None),
            }
        }
    }

    /// A message is about to be handled: in this span, and for as long as the clock is kept.
    pub(crate) fn begin(&self, data: &ReceivedData) -> (Span, HandlerTimer) {
        let bytes = match data {
            ReceivedData::Text(text) => text.len(),
            ReceivedData::Binary(bytes) => bytes.len(),
        };
        (tracing::debug_span!("message", bytes), self.ws().clock())
    }

    /// Sends what answers a message. That the connection is closed already is no reason to leave the messages that
    /// were received before unhandled.
    pub(crate) async fn answer(&mut self, answer: Answer) -> Result<(), Option<CloseFrame>> {
        let Answer { first, more, close, failure } = answer;
        let mut replies = first.into_iter().chain(more);
        while let Some(reply) = replies.next() {
            match reply.send(self.ws()).await {
                Ok(()) => {}
                Err(error) if error.is_closed() => {
                    self.ws().count_lost_replies(1 + replies.count());
                    break;
                }
                Err(error) => tracing::error!(connection = %self.ws().id(), %error, "a reply cannot be sent"),
            }
        }
        let close = match failure {
            Some(error) => {
                tracing::error!(connection = %self.ws().id(), %error, "a reply cannot be written as JSON");
                Some(CloseFrame { code: CloseCode::INTERNAL_ERROR, reason: String::new() })
            }
            None => close,
        };
        close.map_or(Ok(()), |frame| Err(Some(frame)))
    }

    pub(crate) async fn malformed(&mut self, malformed: Malformed) -> Result<(), Option<CloseFrame>> {
        tracing::debug!(connection = %self.ws().id(), %malformed, "a message could not be decoded");
        let code = self.ws().config().close_codes.malformed;
        let policy = |reason: String| Err(Some(CloseFrame { code, reason }));
        match self.policy.on_malformed {
            OnMalformed::Ignore => Ok(()),
            OnMalformed::Close => policy(format!("malformed message: {}", malformed.code())),
            OnMalformed::Reply if self.budget.spend(now()) => {
                let id = self.policy.id.zip(malformed.id.as_ref());
                let answer = Answer::error(&ErrorReply::from(&malformed), id);
                self.answer(answer).await
            }
            OnMalformed::Reply => policy("too many malformed messages".to_owned()),
        }
    }
}

/// Calls a function for every message, in order, one at a time, until the connection ends.
///
/// `decode` is that of [`OwnedMessage`](super::owned_message::OwnedMessage): the only place that says what `M` has to be, so that rustc says once what it is
/// not. `call` makes the future of one call, and `answer` the answer of what it ends with.
#[doc(hidden)]
pub async fn each_message<M, F, Fut, A, O>(
    ws: WebSocketConnection,
    policy: Policy,
    decode: Decode<M>,
    call: F,
    answer: A,
    _other: O,
) -> Response
where
    O: OtherInput,
    F: Fn(&WebSocketConnection, M, Asked<'_>) -> Fut,
    Fut: IntoFuture,
    A: Fn(Fut::Output, Asked<'_>) -> Answer,
{
    if ws.accept().await.is_err() {
        return Response::default();
    }
    let mut message_loop = MessageLoop::new(ws, policy);
    loop {
        let turn = async {
            let data = message_loop.next().await?;
            let (span, _clock) = message_loop.begin(&data);
            async {
                let text = match data {
                    ReceivedData::Text(text) => text,
                    ReceivedData::Binary(bytes) => {
                        let answer = O::binary(bytes, message_loop.ws()).await;
                        return message_loop.answer(answer).await;
                    }
                };
                match decode(&text, policy.id) {
                    Ok((message, id)) => {
                        let asked = policy.id.zip(id.as_ref());
                        let ended = call(message_loop.ws(), message, asked).await;
                        message_loop.answer(answer(ended, asked)).await
                    }
                    Err(malformed) => match O::raw(&text, message_loop.ws()).await {
                        Some(answer) => message_loop.answer(answer).await,
                        None => message_loop.malformed(malformed).await,
                    },
                }
            }
            .instrument(span)
            .await
        };
        match turn.await {
            Ok(()) => {}
            Err(Some(frame)) => return frame.into_response(),
            Err(None) => return Response::default(),
        }
    }
}
