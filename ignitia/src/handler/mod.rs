//! Handlers: functions of extractors and, last, the connection.

mod arguments;
mod bare_body;
mod by_hand;
mod outcome;
mod per_batch;
mod per_message;

use std::{fmt, pin::Pin, sync::Arc};

use axum_core::response::{IntoResponse, Response};

pub use self::{
    arguments::{AcceptArgument, Extracts, ExtractsHead, HeadArgument, LastArgument},
    outcome::SaysHowTheSessionEnded,
    per_batch::websocket_batch_handler,
    per_message::websocket_message_handler,
};
pub(crate) use self::{bare_body::taken_for_a_parameter, by_hand::FunctionHandler};
use crate::{close::CloseFrame, connection::WebSocketConnection};

/// A function `(extractors.., WebSocketConnection) -> impl Future`, of at most 7 extractors; or what
/// [`websocket_message_handler`] and [`websocket_batch_handler`] make.
///
/// `Args` is the tuple of the extractors' types. There is no need to name this trait: async fns and closures of the
/// right shape have it.
#[diagnostic::on_unimplemented(
    message = "this is not a WebSocket handler",
    label = "not an async fn or closure of at most 7 extractors and then, last, `WebSocketConnection`",
    note = "a function of `(WebSocketConnection, Message)` becomes a handler by `websocket_message_handler`",
    note = "a function with `#[websocket(\"/path\")]` is mounted: `.mount(function)`",
    note = "a closure needs the types of its arguments written out: `|ws: WebSocketConnection| async move {{ .. }}`"
)]
pub trait WebSocketHandler<Args> {
    /// What is extracted before the handler is called.
    type Extract: Send + 'static;
    /// What the handler says at its end.
    type Output;
    /// The running handler.
    type Future: Future<Output = Self::Output>;

    /// Starts a session.
    fn call(&self, args: Self::Extract, ws: WebSocketConnection) -> Self::Future;
}

impl<F, Fut> WebSocketHandler<()> for F
where
    F: Fn(WebSocketConnection) -> Fut,
    Fut: Future,
{
    type Extract = ();
    type Output = Fut::Output;
    type Future = Fut;

    fn call(&self, (): (), ws: WebSocketConnection) -> Fut {
        self(ws)
    }
}

macro_rules! arity {
    ($($arg:ident)+) => {
        impl<F, Fut, $($arg),+> WebSocketHandler<($($arg,)+)> for F
        where
            F: Fn($($arg,)+ WebSocketConnection) -> Fut,
            Fut: Future,
            $($arg: Send + 'static,)+
        {
            type Extract = ($($arg,)+);
            type Output = Fut::Output;
            type Future = Fut;

            #[allow(non_snake_case, reason = "the type parameters name the values too")]
            fn call(&self, ($($arg,)+): ($($arg,)+), ws: WebSocketConnection) -> Fut {
                self($($arg,)+ ws)
            }
        }
    };
}

/// Calls a macro for 1 to 7 arguments.
macro_rules! for_each_arity {
    ($macro:ident) => {
        $macro!(A);
        $macro!(A B);
        $macro!(A B C);
        $macro!(A B C D);
        $macro!(A B C D E);
        $macro!(A B C D E G);
        $macro!(A B C D E G H);
    };
}
use for_each_arity;

for_each_arity!(arity);

/// A running session of a [`MessageHandler`].
type Session = Pin<Box<dyn Future<Output = Response> + Send>>;

/// What [`websocket_message_handler`] and [`websocket_batch_handler`] make. The type of the function is not in it, so
/// that rustc finds a mistake in that function once, where it is made.
#[derive(Clone)]
pub struct MessageHandler(Arc<dyn Fn(WebSocketConnection) -> Session + Send + Sync>);

impl MessageHandler {
    fn new(start: impl Fn(WebSocketConnection) -> Session + Send + Sync + 'static) -> Self {
        Self(Arc::new(start))
    }
}

impl fmt::Debug for MessageHandler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageHandler").finish_non_exhaustive()
    }
}

#[derive(Debug)]
#[allow(missing_docs, unreachable_pub, reason = "a marker that nobody names")]
pub enum PerMessage {}

#[diagnostic::do_not_recommend]
impl WebSocketHandler<PerMessage> for MessageHandler {
    type Extract = ();
    type Output = Response;
    type Future = Session;

    fn call(&self, (): (), ws: WebSocketConnection) -> Session {
        (self.0)(ws)
    }
}

/// Whether what a per-message handler returned ends the session; then, as what.
fn verdict(output: impl IntoResponse) -> Option<Response> {
    let response = output.into_response();
    let ends = response.status().as_u16() >= 400 || response.extensions().get::<CloseFrame>().is_some();
    ends.then_some(response)
}
