use std::{
    future::poll_fn,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
};

use axum_core::body::Body;
use bytes::Bytes;
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::Limited;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Waits for the end of a body that nobody is going to read; `false` as soon as it turns out to be none.
///
/// That an empty body is over may come later than the head (the last chunk of a chunked one), or be known only when it is
/// asked for a frame (one that a middleware has wrapped). Trailers are no part of it.
pub(crate) async fn is_empty(body: &mut Body) -> bool {
    loop {
        if body.is_end_stream() {
            return true;
        }
        // What is announced need not come.
        if body.size_hint().lower() > 0 {
            return false;
        }
        match poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await {
            None => return true,
            Some(Ok(frame)) if frame.data_ref().is_none_or(Bytes::is_empty) => {}
            Some(_) => return false,
        }
    }
}

/// The body of an upgrade request: limited, and watched to its end. Whatever nobody reads of it would be taken for
/// WebSocket frames after the 101.
#[derive(Debug)]
pub(crate) struct WatchedBody {
    body: Limited<Body>,
    at_end: AtEnd,
}

/// Whether the body has been read to its end.
#[derive(Debug, Clone)]
pub(crate) struct AtEnd(Arc<AtomicBool>);

impl AtEnd {
    pub(crate) fn is_reached(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

impl WatchedBody {
    pub(crate) fn new(body: Body, max: usize) -> (Self, AtEnd) {
        let at_end = AtEnd(Arc::new(AtomicBool::new(body.is_end_stream())));
        (Self { body: Limited::new(body, max), at_end: at_end.clone() }, at_end)
    }
}

impl http_body::Body for WatchedBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        if frame.is_none() || self.body.is_end_stream() {
            self.at_end.0.store(true, Ordering::Release);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
