use std::{
    any::Any,
    fmt,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll},
};

use axum_core::response::Response;

/// A handler's future.
pub(crate) type HandlerFuture = Pin<Box<dyn Future<Output = Response> + Send>>;

/// One run of a handler. A panic in it is an ending like others and touches nobody else.
pub(crate) enum Session {
    Running(HandlerFuture),
    /// It has ended, and that is still to be told.
    Ended(Ending),
    Over,
}

/// How a handler ended.
#[derive(Debug)]
pub(crate) enum Ending {
    Returned(Response),
    Panicked(String),
}

impl Session {
    pub(crate) fn new(handler: HandlerFuture) -> Self {
        Self::Running(handler)
    }

    /// Whether the handler has ended or was cancelled.
    pub(crate) fn is_over(&self) -> bool {
        matches!(self, Self::Over)
    }

    /// Drops the handler where it stands.
    pub(crate) fn cancel(&mut self) {
        if let Err(panic) = self.finish() {
            tracing::error!(panic, "a WebSocket handler panicked while it was dropped");
        }
    }

    /// Drops the handler. Its locals are the user's too, so this may panic.
    fn finish(&mut self) -> Result<(), String> {
        let handler = std::mem::replace(self, Self::Over);
        catch_unwind(AssertUnwindSafe(|| drop(handler))).map_err(|panic| text(&*panic))
    }

    /// Runs the handler; its ending is told once.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Ending> {
        let handler = match self {
            Self::Running(handler) => handler,
            Self::Over => return Poll::Pending,
            Self::Ended(_) => match std::mem::replace(self, Self::Over) {
                Self::Ended(ending) => return Poll::Ready(ending),
                _ => return Poll::Pending,
            },
        };
        let polled = catch_unwind(AssertUnwindSafe(|| handler.as_mut().poll(cx)));
        let ending = match polled {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(response)) => Ending::Returned(response),
            Err(panic) => Ending::Panicked(text(&*panic)),
        };
        match self.finish() {
            Ok(()) => Poll::Ready(ending),
            Err(panic) => Poll::Ready(Ending::Panicked(panic)),
        }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("is_over", &self.is_over()).finish()
    }
}

/// Runs what may panic; what it said then is the error.
pub(crate) async fn caught<F: Future>(future: F) -> Result<F::Output, String> {
    let mut future = std::pin::pin!(future);
    std::future::poll_fn(move |cx| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
        Ok(polled) => polled.map(Ok),
        Err(panic) => Poll::Ready(Err(text(&*panic))),
    })
    .await
}

fn text(panic: &(dyn Any + Send)) -> String {
    let text =
        panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("(no message)").to_owned()
}
