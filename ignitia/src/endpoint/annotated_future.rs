use std::{
    fmt,
    future::{Future, IntoFuture},
    marker::PhantomData,
    pin::Pin,
    task::{Context, Poll},
};

use pin_project_lite::pin_project;

pin_project! {
    /// Return value of an annotated function: the future of the function, with the type `E` of its
    /// endpoint.
    ///
    /// `.await` it as if the function were not annotated. That of an `on_message` function is a
    /// future itself: it can be spawned and joined.
    ///
    /// ```
    /// use ignitia::prelude::*;
    ///
    /// # #[derive(serde::Deserialize, ClientMessage)]
    /// # #[serde(tag = "type")]
    /// # enum Ask { Sum { of: Vec<i32> } }
    /// # #[derive(serde::Serialize, ServerMessage)]
    /// # #[serde(tag = "type")]
    /// # enum Tell { Sum { is: i32 } }
    /// #[websocket("/sums", on_message)]
    /// async fn sums(ask: Ask) -> Tell {
    ///     let Ask::Sum { of } = ask;
    ///     Tell::Sum { is: of.iter().sum() }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let call = tokio::spawn(sums(Ask::Sum { of: vec![1, 2] }));
    /// let Tell::Sum { is } = call.await.expect("no panic");
    /// assert_eq!(is, 3);
    /// # }
    /// ```
    #[must_use = "it does nothing unless it is awaited"]
    pub struct AnnotatedFuture<E, F, Kind> {
        #[pin]
        future: F,
        _endpoint: PhantomData<fn() -> (E, Kind)>,
    }
}

/// Kind of a function that is called for each message: its [`AnnotatedFuture`] is a future.
#[derive(Debug)]
pub enum CalledPerMessage {}

/// Kind of a function that is called for each connection. Its [`AnnotatedFuture`] is only
/// [`IntoFuture`]: were it a future, the function could be registered by hand, without its path and
/// its typed parameters.
#[derive(Debug)]
pub enum CalledPerConnection {}

impl<E, F, Kind> AnnotatedFuture<E, F, Kind> {
    #[doc(hidden)]
    pub fn new(future: F) -> Self {
        Self { future, _endpoint: PhantomData }
    }
}

impl<E, F: Future> Future for AnnotatedFuture<E, F, CalledPerMessage> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.project().future.poll(cx)
    }
}

impl<E, F: Future> IntoFuture for AnnotatedFuture<E, F, CalledPerConnection> {
    type Output = F::Output;
    type IntoFuture = F;

    fn into_future(self) -> F {
        self.future
    }
}

impl<E, F, Kind> fmt::Debug for AnnotatedFuture<E, F, Kind> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnnotatedFuture").finish_non_exhaustive()
    }
}
