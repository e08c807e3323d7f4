//! The loop of a typed endpoint: it receives a message, has it handled, and sends the answer.

use std::future::Future;

use axum_core::response::{IntoResponse, Response};
use bytes::Bytes;
use tracing::{Instrument, Span};

use super::{
    answer_writer::{AnswerEnd, AnswerWriter},
    error_budget::ErrorBudget,
    error_reply::ErrorReply,
    malformed::Malformed,
    policy::{OnMalformed, Policy},
    probe::handle_probes,
    reply_memory,
    server_message::Answer,
};
use crate::{
    close::{CloseCode, CloseFrame},
    connection::{ReceiveMode, WebSocketConnection},
    message::Message,
    metrics::HandlerTimer,
    time::now,
};

/// Data that was received.
#[derive(Debug)]
pub(crate) enum ReceivedData {
    Text(String),
    /// Received only by endpoints that handle it.
    Binary(Bytes),
}

/// Handlers of received data.
pub(crate) trait HandleMessage {
    /// Decodes a text and handles the message in it.
    fn message(
        &mut self,
        text: &str,
        ws: &WebSocketConnection,
    ) -> impl Future<Output = Result<Answer, Malformed>>;

    /// Handles text that could not be decoded. `None` leaves it malformed.
    fn raw(&mut self, text: &str, ws: &WebSocketConnection) -> impl Future<Output = Option<Answer>>;

    /// Handles a binary message.
    fn binary(&mut self, bytes: Bytes, ws: &WebSocketConnection) -> impl Future<Output = Answer>;
}

/// End of a message loop, with the frame to close with. Without one, the connection has ended.
#[derive(Debug)]
pub(crate) struct LoopEnd(Option<Box<CloseFrame>>);

impl IntoResponse for LoopEnd {
    fn into_response(self) -> Response {
        self.0.map_or_else(Response::default, |frame| frame.into_response())
    }
}

/// Handles the messages of a connection in order, one at a time.
#[derive(Debug)]
pub(crate) struct MessageLoop {
    ws: WebSocketConnection,
    policy: Policy,
    budget: ErrorBudget,
}

impl MessageLoop {
    pub(crate) fn new(ws: WebSocketConnection, policy: Policy) -> Self {
        let config = ws.config();
        let budget = ErrorBudget::new(config.malformed_limit, config.malformed_window);
        handle_probes(&ws, policy.id);
        Self { ws, policy, budget }
    }

    pub(crate) fn ws(&self) -> &WebSocketConnection {
        &self.ws
    }

    /// Receives the next data. Dropped before it returned, the future has taken none.
    pub(crate) async fn next(&mut self) -> Result<ReceivedData, LoopEnd> {
        loop {
            match self.ws.receive(ReceiveMode::TypedCall).await {
                Some(Message::Text(text)) => return Ok(ReceivedData::Text(text)),
                Some(Message::Binary(bytes)) if self.policy.takes_binary => {
                    return Ok(ReceivedData::Binary(bytes));
                }
                Some(Message::Binary(_)) if self.policy.on_malformed == OnMalformed::Ignore => {}
                Some(Message::Binary(_)) => {
                    let malformed = Malformed::binary();
                    tracing::debug!(connection = %self.ws().id(), %malformed, "closing");
                    let reason = malformed.message().to_owned();
                    return Err(LoopEnd(Some(Box::new(CloseFrame { code: CloseCode::UNSUPPORTED, reason }))));
                }
                Some(Message::Ping(_) | Message::Pong(_)) => {}
                Some(Message::Close(_)) | None => return Err(LoopEnd(None)),
            }
        }
    }

    /// Has received data handled, and sends the answer.
    pub(crate) async fn handle<H: HandleMessage>(
        &mut self,
        handler: &mut H,
        data: ReceivedData,
    ) -> Result<(), LoopEnd> {
        let (span, _timer) = self.begin(&data);
        if span.is_none() {
            // Nearly always. The future need not move into the one that enters the span.
            return self.handle_in_span(handler, data).await;
        }
        self.handle_in_span(handler, data).instrument(span).await
    }

    /// Has received data handled, and sends the answer, in the current span.
    async fn handle_in_span<H: HandleMessage>(
        &mut self,
        handler: &mut H,
        data: ReceivedData,
    ) -> Result<(), LoopEnd> {
        let answer = match data {
            ReceivedData::Binary(bytes) => handler.binary(bytes, self.ws()).await,
            ReceivedData::Text(text) => {
                let answer = match handler.message(&text, self.ws()).await {
                    Ok(answer) => answer,
                    Err(malformed) => match handler.raw(&text, self.ws()).await {
                        Some(answer) => answer,
                        None => self.react_to(malformed)?,
                    },
                };
                reply_memory::recycle(text, &self.ws);
                answer
            }
        };
        self.answer(answer).await
    }

    /// Returns the span in which the data is handled, and the timer that runs until it is dropped.
    fn begin(&self, data: &ReceivedData) -> (Span, HandlerTimer) {
        let bytes = match data {
            ReceivedData::Text(text) => text.len(),
            ReceivedData::Binary(bytes) => bytes.len(),
        };
        (tracing::debug_span!("message", bytes), self.ws().start_timer())
    }

    /// Sends the answer to a message. A closed connection does not end the loop: messages that were
    /// received before are handled, and only their replies are lost.
    pub(crate) async fn answer(&mut self, answer: Answer) -> Result<(), LoopEnd> {
        let AnswerWriter { first: mut next, mut rest } = answer.writer;
        while let Some(message) = next {
            match message.sending(self.ws()).await {
                Ok(()) => {}
                Err(error) if error.is_closed() => {
                    let more = rest.as_ref().map_or(0, |rest| rest.messages.len());
                    self.ws().count_lost_replies(1 + more);
                    break;
                }
                Err(error) => {
                    tracing::error!(connection = %self.ws().id(), %error, "a reply cannot be sent");
                }
            }
            next = rest.as_mut().and_then(|rest| rest.messages.pop_front());
        }
        match rest.and_then(|rest| rest.end) {
            None => Ok(()),
            Some(AnswerEnd::Close(frame)) => Err(LoopEnd(Some(Box::new(frame)))),
            Some(AnswerEnd::Failure(error)) => {
                tracing::error!(connection = %self.ws().id(), %error, "a reply cannot be written as JSON");
                let frame = CloseFrame { code: CloseCode::INTERNAL_ERROR, reason: String::new() };
                Err(LoopEnd(Some(Box::new(frame))))
            }
        }
    }

    /// Returns the answer to malformed input, by the endpoint's policy.
    fn react_to(&mut self, malformed: Malformed) -> Result<Answer, LoopEnd> {
        tracing::debug!(connection = %self.ws().id(), %malformed, "a message could not be decoded");
        let code = self.ws().config().close_codes.malformed;
        let close = |reason: String| Err(LoopEnd(Some(Box::new(CloseFrame { code, reason }))));
        match self.policy.on_malformed {
            OnMalformed::Ignore => Ok(Answer::default()),
            OnMalformed::Close => close(format!("malformed message: {}", malformed.code())),
            OnMalformed::Reply if self.budget.spend(now()) => {
                let id = self.policy.id.zip(malformed.id.as_ref());
                Ok(Answer::error(&ErrorReply::from(&malformed), id))
            }
            OnMalformed::Reply => close("too many malformed messages".to_owned()),
        }
    }
}
