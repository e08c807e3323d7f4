//! Functions with `#[websocket("/path")]`.

use super::annotated_future::AnnotatedFuture;
use crate::sealed::Private;

/// A function that has been annotated with `#[websocket("/path")]`.
#[diagnostic::on_unimplemented(
    message = "this cannot be mounted: it is not a function with `#[websocket(\"/path\")]`",
    label = "not an annotated function",
    note = "add `#[websocket(\"/path\")]` to the function, or register it by hand: `.websocket(\"/path\", function)`",
    note = "mount the function itself, not a call of it: `.mount(function)`; and a session by its type: `.mount_session::<Session>()`"
)]
pub trait Annotated<Args> {
    /// Endpoint that the annotation has generated.
    type Endpoint;

    #[doc(hidden)]
    fn sealed(_: Private);
}

macro_rules! annotated {
    ($($arg:ident)*) => {
        #[diagnostic::do_not_recommend]
        impl<F, E, Fut, Kind, $($arg),*> Annotated<($($arg,)*)> for F
        where
            F: Fn($($arg),*) -> AnnotatedFuture<E, Fut, Kind>,
        {
            type Endpoint = E;

            fn sealed(_: Private) {}
        }
    };
}

// An `on_message` function has up to 10 arguments: 7 before the request (`ReplyTo`), the connection
// and the message. The attribute reports more.
annotated!();
annotated!(A);
annotated!(A B);
annotated!(A B C);
annotated!(A B C D);
annotated!(A B C D G);
annotated!(A B C D G H);
annotated!(A B C D G H I);
annotated!(A B C D G H I J);
annotated!(A B C D G H I J K);
annotated!(A B C D G H I J K L);
