//! Handlers: functions of extractors and, last, the connection.

mod arguments;
mod batch;
mod body;
mod message;
mod route;
mod unit;

use axum_core::response::{IntoResponse, Response};

pub(crate) use self::route::{Route, RouterConfig, methods};
pub use self::{
    arguments::{Extractors, HeadArgument, LastArgument},
    batch::{BatchHandler, websocket_batch_handler},
    message::{MessageHandler, websocket_message_handler},
    unit::SaysHowTheSessionEnded,
};
use crate::{close::CloseFrame, connection::WebSocketConnection};

/// A function `(extractors.., WebSocketConnection) -> impl Future`, of at most 7 extractors; or what
/// [`websocket_message_handler`] and [`websocket_batch_handler`] make.
///
/// `Args` is the tuple of the extractors' types. There is no need to name this trait: async fns and closures of the
/// right shape have it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a WebSocket handler",
    label = "not a WebSocket handler",
    note = "a handler is an async fn or closure of at most 7 extractors and then, last, `WebSocketConnection`",
    note = "a closure needs the types of its arguments written out: `|ws: WebSocketConnection| async move {{ .. }}`"
)]
pub trait WebSocketHandler<Args> {
    /// What is extracted before the handler is called.
    type Extract;
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

/// Whether what a per-message handler returned ends the session; then, as what.
fn verdict(output: impl IntoResponse) -> Option<Response> {
    let response = output.into_response();
    let ends = response.status().as_u16() >= 400 || response.extensions().get::<CloseFrame>().is_some();
    ends.then_some(response)
}
