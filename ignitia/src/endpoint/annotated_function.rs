//! Functions with `#[websocket("/path")]`.

use std::{
    fmt,
    future::{Future, IntoFuture},
    marker::PhantomData,
};

/// Return value of an annotated function: the future of the function, tagged with the type `E` of
/// its endpoint.
///
/// `.await` it as if the function were not annotated.
#[must_use = "it does nothing unless it is awaited"]
pub struct AnnotatedFuture<E, F> {
    future: F,
    _endpoint: PhantomData<fn() -> E>,
}

impl<E, F> AnnotatedFuture<E, F> {
    #[doc(hidden)]
    pub fn new(future: F) -> Self {
        Self { future, _endpoint: PhantomData }
    }
}

impl<E, F: Future> IntoFuture for AnnotatedFuture<E, F> {
    type Output = F::Output;
    type IntoFuture = F;

    fn into_future(self) -> F {
        self.future
    }
}

impl<E, F> fmt::Debug for AnnotatedFuture<E, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tagged").finish_non_exhaustive()
    }
}

/// A function that has been annotated with `#[websocket("/path")]`.
#[diagnostic::on_unimplemented(
    message = "this cannot be mounted: it is no function with `#[websocket(\"/path\")]`",
    label = "no annotated function",
    note = "add `#[websocket(\"/path\")]` to the function, or register it by hand: `.websocket(\"/path\", function)`",
    note = "mount the function itself, not a call of it: `.mount(function)`; and a session by its type: `.mount_session::<Session>()`"
)]
pub trait Annotated<Args> {
    /// Endpoint that the annotation has generated.
    type Endpoint;
}

macro_rules! annotated {
    ($($arg:ident)*) => {
        #[diagnostic::do_not_recommend]
        impl<F, E, Fut, $($arg),*> Annotated<($($arg,)*)> for F
        where
            F: Fn($($arg),*) -> AnnotatedFuture<E, Fut>,
        {
            type Endpoint = E;
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
