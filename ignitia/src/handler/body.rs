use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Waker, ready},
};

use axum_core::body::Body;
use bytes::Bytes;
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::Limited;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Whether a body is at its end. One that a middleware has wrapped may know only when it is asked for a frame.
pub(super) fn is_empty(body: &mut Body) -> bool {
    let mut cx = Context::from_waker(Waker::noop());
    body.is_end_stream() || matches!(Pin::new(body).poll_frame(&mut cx), Poll::Ready(None))
}

/// The body of an upgrade request: limited, and watched to its end. Whatever nobody reads of it would be taken for
/// WebSocket frames after the 101.
#[derive(Debug)]
pub(super) struct WatchedBody {
    body: Limited<Body>,
    at_end: AtEnd,
}

/// Whether the body has been read to its end.
#[derive(Debug, Clone)]
pub(super) struct AtEnd(Arc<AtomicBool>);

impl AtEnd {
    pub(super) fn is_reached(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

impl WatchedBody {
    pub(super) fn new(body: Body, max: usize) -> (Self, AtEnd) {
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
