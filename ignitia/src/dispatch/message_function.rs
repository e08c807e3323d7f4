//! Typed messages of an `on_message` function.

use std::{future::IntoFuture, marker::PhantomData};

use axum_core::response::{IntoResponse, Response};
use bytes::Bytes;

use super::{
    correlation_id::ReplyId,
    malformed::Malformed,
    message_loop::{HandleMessage, MessageLoop},
    other_input::OtherInput,
    owned_message::Decode,
    policy::Policy,
    server_message::Answer,
};
use crate::connection::WebSocketConnection;

/// Calls a function for every message, in order, one at a time, until the connection ends.
///
/// `decode` is [`OwnedMessage`](super::owned_message::OwnedMessage)'s: only there does a bound name
/// `M`, so that rustc reports once that it is no message. `call` starts a call of the function, and
/// `answer` writes the answer from its output.
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
    F: Fn(&WebSocketConnection, M, ReplyId<'_>) -> Fut,
    Fut: IntoFuture,
    A: Fn(Fut::Output, ReplyId<'_>) -> Answer,
{
    let mut message_loop = MessageLoop::new(ws, policy);
    if message_loop.ws().accept().await.is_err() {
        return Response::default();
    }
    let mut function =
        MessageFunction { id: policy.id, decode, call, answer, other: PhantomData::<fn() -> O> };
    loop {
        let handled = match message_loop.next().await {
            Ok(data) => message_loop.handle(&mut function, data).await,
            Err(end) => Err(end),
        };
        if let Err(end) = handled {
            return end.into_response();
        }
    }
}

/// An `on_message` function, with its functions for other input.
struct MessageFunction<M, F, A, O> {
    /// Name of the correlation id.
    id: Option<&'static str>,
    decode: Decode<M>,
    call: F,
    answer: A,
    other: PhantomData<fn() -> O>,
}

impl<M, F, Fut, A, O> HandleMessage for MessageFunction<M, F, A, O>
where
    O: OtherInput,
    F: Fn(&WebSocketConnection, M, ReplyId<'_>) -> Fut,
    Fut: IntoFuture,
    A: Fn(Fut::Output, ReplyId<'_>) -> Answer,
{
    #[inline]
    async fn message(&mut self, text: &str, ws: &WebSocketConnection) -> Result<Answer, Malformed> {
        let (message, id) = (self.decode)(text, self.id)?;
        let asked = self.id.zip(id.as_ref());
        let output = (self.call)(ws, message, asked).await;
        Ok((self.answer)(output, asked))
    }

    #[inline]
    fn raw(&mut self, text: &str, ws: &WebSocketConnection) -> impl Future<Output = Option<Answer>> {
        O::raw(text, ws)
    }

    #[inline]
    fn binary(&mut self, bytes: Bytes, ws: &WebSocketConnection) -> impl Future<Output = Answer> {
        O::binary(bytes, ws)
    }
}
