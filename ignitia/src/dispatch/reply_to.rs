//! Replies that are sent later than the method for the request returns.

use std::{fmt, marker::PhantomData};

use super::{
    correlation_id::Id,
    replying::Replying,
    server_message::{Answer, AnyMessage, CarriesId, OfItself, Reply},
};
use crate::{connection::WebSocketConnection, error::Error};

/// The request that a method or function is called for, to reply to it later: an argument of this
/// type, where `id = ".."` is set.
///
/// [`WebSocketConnection::reply_to`] replies from any task, also when other messages have been
/// handled meanwhile; so one slow request does not hold up those behind it. The value that the
/// method itself returns is sent at once and carries the id as well: a method that only replies
/// later returns `()`. A request may get any number of replies (progress, then the result), or
/// none: clients should not wait for ever.
///
/// In a session with `reply = ServerMsg` the type is `ReplyTo<ServerMsg>`, and replies are of that
/// type. Elsewhere it is `ReplyTo`, and replies are any server messages.
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
///             // `Err`: the client has gone.
///             let _ = ws.reply_to(&request, Told::Rendered { page }).await;
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

    /// Returns the id as the client wrote it, as JSON: `7`, `"7"`. `None` if the request has no id;
    /// then no reply to it carries one.
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
    /// Replies to a request after its method has returned, with any value that the method could
    /// have returned. The reply carries the request's id, and is queued as [`send`](Self::send)
    /// does.
    ///
    /// Replies go out in the order in which they are queued: by this method, by the methods that
    /// return them, and by other sends. Call it on the connection that the request came from: on
    /// another one the id has no meaning.
    ///
    /// # Errors
    ///
    /// [`Error::is_closed`] when the connection is closed or closing: then the reply is lost.
    /// [`Error::is_json`] if it cannot be written as JSON, and [`Error::is_invalid_input`] if it
    /// has a field of the id's name: then nothing is sent.
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
            true => Err(Error::input(format!("the reply already has a field `{name}`"))),
            false => Ok(Answer::of::<M, _>(reply.itself(), id.as_ref().map(|id| (*name, id)))),
        };
        Replying::new(self, answer)
    }
}
