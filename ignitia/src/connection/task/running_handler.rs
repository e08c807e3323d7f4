use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use axum_core::response::Response;

use crate::panics::catch;

/// Future of a handler.
pub(crate) type HandlerFuture = Pin<Box<dyn Future<Output = Response> + Send>>;

/// One run of a handler. A panic is one of its endings, and affects nothing else.
pub(crate) enum RunningHandler {
    Running(HandlerFuture),
    /// The handler has ended. Its ending is still to be returned by `poll`. It is boxed, because
    /// every connection has the place for it.
    Ended(Box<Ending>),
    Over,
}

/// Result of a handler's run.
#[derive(Debug)]
pub(crate) enum Ending {
    Returned(Response),
    Panicked(String),
}

impl RunningHandler {
    pub(crate) fn new(handler: HandlerFuture) -> Self {
        Self::Running(handler)
    }

    /// Returns `true` once the handler has ended or was cancelled.
    pub(crate) fn is_over(&self) -> bool {
        matches!(self, Self::Over)
    }

    /// Drops the handler at its current await point.
    pub(crate) fn cancel(&mut self) {
        if let Err(panic) = self.finish() {
            tracing::error!(panic, "a WebSocket handler panicked while it was dropped");
        }
    }

    /// Drops the handler. Its locals belong to the user, too, so this may panic.
    fn finish(&mut self) -> Result<(), String> {
        let handler = std::mem::replace(self, Self::Over);
        catch(|| drop(handler))
    }

    /// Polls the handler. Its ending is returned once.
    #[inline]
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Ending> {
        let handler = match self {
            Self::Running(handler) => handler,
            Self::Over => return Poll::Pending,
            Self::Ended(_) => match std::mem::replace(self, Self::Over) {
                Self::Ended(ending) => return Poll::Ready(*ending),
                _ => return Poll::Pending,
            },
        };
        let polled = catch(|| handler.as_mut().poll(cx));
        let ending = match polled {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(response)) => Ending::Returned(response),
            Err(panic) => Ending::Panicked(panic),
        };
        match self.finish() {
            Ok(()) => Poll::Ready(ending),
            Err(panic) => Poll::Ready(Ending::Panicked(panic)),
        }
    }
}

impl fmt::Debug for RunningHandler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunningHandler").field("is_over", &self.is_over()).finish()
    }
}
