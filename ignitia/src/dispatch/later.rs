//! Answers that come later than the method that was asked returns.

use std::{
    fmt,
    future::Future,
    marker::PhantomData,
    pin::Pin,
    task::{Context, Poll, ready},
    vec,
};

use super::{
    id::Id,
    message::CarriesId,
    reply::{Answer, AnyMessage, OfItself, Outgoing, Reply},
};
use crate::{
    close::CloseFrame,
    connection::{Sending, WebSocketConnection},
    error::{Error, Result},
};

/// The request that a method or function is called for, to answer it later: an argument of this type, where `id = ".."` is set.
///
/// Whoever has it answers by [`WebSocketConnection::reply_to`], from any task, also when other messages were handled meanwhile; so
/// one slow request does not hold up those behind it. What the method itself returns goes out at once and carries the id as well:
/// a method that only answers later returns `()`. A request may be answered any number of times (progress, then the result), or
/// never: clients should not wait for ever.
///
/// In a session with `reply = ServerMsg` the type is `ReplyTo<ServerMsg>`, and answers are of that type; elsewhere it is `ReplyTo`,
/// and they are any server messages.
///
/// ```
/// use ignitia::prelude::*;
///
/// #[derive(serde::Deserialize, ClientMessage)]
/// #[serde(tag = "type")]
/// enum Ask {
///     Render { page: u32 },
///     Hello,
/// }
///
/// #[derive(serde::Serialize, ServerMessage)]
/// #[serde(tag = "type")]
/// enum Told {
///     Rendered { page: u32 },
///     Hello,
/// }
///
/// struct Printer;
///
/// #[websocket("/printer", message = Ask, reply = Told, id = "id")]
/// impl Printer {
///     async fn accept() -> Self {
///         Self
///     }
///
///     #[on(Render { page })]
///     async fn render(&mut self, page: u32, request: ReplyTo<Told>, ws: &WebSocketConnection) {
///         let ws = ws.clone();
///         tokio::spawn(async move {
///             // .. takes a while; others are answered meanwhile ..
///             let _ = ws.reply_to(&request, Told::Rendered { page }).await; // `Err`: the client has gone
///         });
///     }
///
///     #[on(Hello)]
///     async fn hello(&mut self) -> Told {
///         Told::Hello
///     }
/// }
/// # let _ = Router::new().mount_session::<Printer>();
/// ```
pub struct ReplyTo<M = AnyMessage> {
    name: &'static str,
    id: Option<Id<'static>>,
    _replies: PhantomData<fn(M)>,
}

impl<M> ReplyTo<M> {
    #[doc(hidden)]
    pub fn new(name: &'static str, id: Option<&Id<'_>>) -> Self {
        Self { name, id: id.map(|id| id.clone().into_owned()), _replies: PhantomData }
    }

    /// The id as the client wrote it, as JSON: `7`, `"7"`. `None` if the request has none; an answer carries none then, as
    /// one that is returned does.
    pub fn as_json(&self) -> Option<&str> {
        self.id.as_ref().map(Id::json)
    }
}

impl<M> Clone for ReplyTo<M> {
    fn clone(&self) -> Self {
        Self { name: self.name, id: self.id.clone(), _replies: PhantomData }
    }
}

impl<M> fmt::Debug for ReplyTo<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ReplyTo").field(&self.as_json()).finish()
    }
}

impl WebSocketConnection {
    /// Answers a request later than the method that was called for it returned: with anything that the method could have
    /// returned, which carries the request's id. It is queued as [`send`](Self::send) does.
    ///
    /// Answers go out in the order in which they are queued: by this, by what methods return, and by other sends. Call it on the
    /// connection that the request came from: on another one the id says nothing.
    ///
    /// # Errors
    ///
    /// [`Error::is_closed`] when the connection is closed or closing: the answer is lost then. [`Error::is_json`] if it cannot be
    /// written as JSON, and [`Error::is_invalid_input`] if it has a field of the id's name; nothing is sent then.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: dropped before it returned, nothing was queued; of a `Vec` some may have been.
    pub fn reply_to<M, R>(&self, request: &ReplyTo<M>, reply: R) -> Replying<'_>
    where
        R: OfItself<M, Itself: CarriesId>,
    {
        let ReplyTo { name, id, .. } = request;
        let answer = match R::Itself::NAMES.contains(name) {
            true => Err(Error::input(format!("the reply has a field `{name}` of its own"))),
            false => Ok(Answer::of::<M, _>(reply.itself(), id.as_ref().map(|id| (*name, id)))),
        };
        Replying::new(self, answer)
    }
}

/// The future of a late answer: `ws.reply_to(&request, reply).await`.
///
/// It has a name, and not the type of the reply, so that a compiler that complains about that type does it once.
#[must_use = "nothing is sent unless it is awaited"]
pub struct Replying<'a> {
    ws: &'a WebSocketConnection,
    /// What is being queued.
    sending: Option<Sending<'a>>,
    more: vec::IntoIter<Outgoing>,
    /// What comes behind all messages; `None` when that is done.
    end: Option<Result<Option<CloseFrame>>>,
}

impl<'a> Replying<'a> {
    fn new(ws: &'a WebSocketConnection, answer: Result<Answer>) -> Self {
        let Answer { first, more, close, failure } = match answer {
            Ok(answer) => answer,
            Err(error) => {
                return Self { ws, sending: None, more: Vec::new().into_iter(), end: Some(Err(error)) };
            }
        };
        let end = match failure {
            Some(error) => Err(error.into()),
            None => Ok(close),
        };
        let sending = first.and_then(|first| first.sending(ws));
        Self { ws, sending, more: more.into_iter(), end: Some(end) }
    }
}

impl Future for Replying<'_> {
    type Output = Result<()>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let Self { ws, sending, more, end } = self.get_mut();
        while let Some(under_way) = sending {
            ready!(Pin::new(under_way).poll(cx))?;
            *sending = more.find_map(|next| next.sending(ws));
        }
        match end.take().expect("it was polled again after it was ready")? {
            Some(frame) => Poll::Ready(ws.begin_close(Some(frame))),
            None => Poll::Ready(Ok(())),
        }
    }
}

impl fmt::Debug for Replying<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replying").field("ws", self.ws).finish_non_exhaustive()
    }
}
