//! Handlers: functions of extractors and, last, the connection.

use super::arity::for_each_arity;
use crate::{connection::WebSocketConnection, sealed::Private};

/// A function `(extractors.., WebSocketConnection) -> impl Future`, of at most 7 extractors; or the
/// handler that [`websocket_message_handler`](super::websocket_message_handler) or
/// [`websocket_batch_handler`](super::websocket_batch_handler) returns.
///
/// `Args` is the tuple of the extractors' types. There is no need to name this trait: async fns and
/// closures of that form implement it.
#[diagnostic::on_unimplemented(
    message = "this is not a WebSocket handler",
    label = "not an async fn or closure of at most 7 extractors and then, last, `WebSocketConnection`",
    note = "wrap a function of `(WebSocketConnection, Message)` in `websocket_message_handler`",
    note = "a function with `#[websocket(\"/path\")]` is mounted: `.mount(function)`",
    note = "a closure needs the types of its arguments written out: `|ws: WebSocketConnection| async move {{ .. }}`"
)]
pub trait WebSocketHandler<Args> {
    /// Arguments that are extracted before the handler is called.
    type Extract: Send + 'static;
    /// Outcome of the handler.
    type Output;
    /// The running handler.
    type Future: Future<Output = Self::Output>;

    /// Starts the handler for a connection.
    fn call(&self, args: Self::Extract, ws: WebSocketConnection) -> Self::Future;

    #[doc(hidden)]
    fn sealed(_: Private);
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

    fn sealed(_: Private) {}
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

            fn sealed(_: Private) {}
        }
    };
}

for_each_arity!(arity);
