//! One typed message after the other: receive, answer, and what becomes of malformed input.

use std::future::IntoFuture;

use axum_core::response::{IntoResponse, Response};
use tracing::{Instrument, Span};

use super::{
    budget::Budget,
    decode::{Decoded, decode},
    envelope::ErrorReply,
    id::Id,
    malformed::Malformed,
    message::ClientMessage,
    reply::{Answer, Asked},
};
use crate::{
    close::{CloseCode, CloseFrame},
    connection::{Received, Receiver, Text, WebSocketConnection, now},
    metrics::Clock,
};

/// What becomes of input that is no message.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnMalformed {
    Reply,
    Close,
    Ignore,
}

/// What an endpoint says about its messages.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Policy {
    pub on_malformed: OnMalformed,
    /// The name of the correlation id.
    pub id: Option<&'static str>,
}

/// The receiving side of a typed endpoint.
#[derive(Debug)]
pub(crate) struct Dialogue {
    pub(crate) ws: WebSocketConnection,
    policy: Policy,
    budget: Budget,
}

impl Dialogue {
    pub(crate) fn new(ws: WebSocketConnection, policy: Policy) -> Self {
        let config = ws.config();
        let budget = Budget::new(config.malformed_limit, config.malformed_window);
        Self { ws, policy, budget }
    }

    /// The next message's text; `Err` with the frame to close with, or nothing, when there are no more.
    pub(crate) async fn next(&mut self) -> Result<Text, Option<CloseFrame>> {
        loop {
            match self.ws.receive(Receiver::TypedCall).await {
                Some(Received::Text(text)) => return Ok(text),
                Some(Received::Binary(_)) if self.policy.on_malformed == OnMalformed::Ignore => {}
                Some(Received::Binary(_)) => {
                    let malformed = Malformed::binary();
                    tracing::debug!(connection = %self.ws.id(), %malformed, "closing");
                    let reason = malformed.message().to_owned();
                    return Err(Some(CloseFrame { code: CloseCode::UNSUPPORTED, reason }));
                }
                Some(Received::Ping(_) | Received::Pong(_)) => {}
                Some(Received::Close(_)) | None => return Err(None),
            }
        }
    }

    /// A message is about to be handled: in this span, and for as long as the clock is kept.
    pub(crate) fn begin(&self, text: &Text) -> (Span, Clock) {
        (tracing::debug_span!("message", bytes = text.len()), self.ws.clock())
    }

    /// Sends what answers a message. That the connection is closed already is no reason to leave the messages that
    /// were received before unhandled.
    pub(crate) async fn answer(&mut self, answer: Answer) -> Result<(), Option<CloseFrame>> {
        let Answer { first, more, close } = answer;
        let mut replies = first.into_iter().chain(more);
        while let Some(text) = replies.next() {
            if self.ws.send_encoded(text).await.is_err() {
                self.ws.lose_replies(1 + replies.count());
                break;
            }
        }
        close.map_or(Ok(()), |frame| Err(Some(frame)))
    }

    pub(crate) async fn malformed(&mut self, malformed: Malformed) -> Result<(), Option<CloseFrame>> {
        tracing::debug!(connection = %self.ws.id(), %malformed, "a message could not be decoded");
        let code = self.ws.config().close_codes.malformed;
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
/// `decode` is [`owned`]: the only place that says what `M` has to be, so that rustc says once what it is not. `call` makes
/// the future of one call, and `answer` the answer of what it ends with.
#[doc(hidden)]
pub async fn each_message<M, F, Fut, A>(
    ws: WebSocketConnection,
    policy: Policy,
    decode: Decode<M>,
    call: F,
    answer: A,
) -> Response
where
    F: Fn(&WebSocketConnection, M) -> Fut,
    Fut: IntoFuture,
    A: Fn(Fut::Output, Asked<'_>) -> Answer,
{
    if ws.accept().await.is_err() {
        return Response::default();
    }
    let mut dialogue = Dialogue::new(ws, policy);
    loop {
        let turn = async {
            let text = dialogue.next().await?;
            let (span, _clock) = dialogue.begin(&text);
            async {
                match decode(&text, policy.id) {
                    Ok((message, id)) => {
                        let ended = call(&dialogue.ws, message).await;
                        let answer = answer(ended, policy.id.zip(id.as_ref()));
                        dialogue.answer(answer).await
                    }
                    Err(malformed) => dialogue.malformed(malformed).await,
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

/// How a text becomes a message and its id.
#[doc(hidden)]
pub type Decode<M> = for<'t> fn(&'t str, Option<&'static str>) -> Result<(M, Option<Id<'t>>), Malformed>;

/// A message that does not need its text any more.
#[doc(hidden)]
pub fn owned<'t, M>(text: &'t str, id: Option<&'static str>) -> Result<(M, Option<Id<'t>>), Malformed>
where
    M: for<'de> ClientMessage<'de>,
{
    let Decoded { message, id } = decode::<M>(text, id)?;
    Ok((message, id))
}
