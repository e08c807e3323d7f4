//! Bodies of upgrade requests: an upgrade needs a body that is read to its end.

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

/// Waits for the end of a body that is not extracted. Returns false as soon as it is known not to
/// be empty.
///
/// The end of an empty body may arrive later than the head (as the last chunk of a chunked one), or
/// be known only after a frame was asked for (if a middleware has wrapped it). Trailers do not
/// count.
pub(crate) async fn is_empty(body: &mut Body) -> bool {
    loop {
        if body.is_end_stream() {
            return true;
        }
        // The announced data need not be waited for: it may never come.
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

/// Body of an upgrade request, limited, and watched for its end. An unread rest of it would be
/// parsed as WebSocket frames after the 101.
#[derive(Debug)]
pub(crate) struct WatchedBody {
    body: Limited<Body>,
    end: EndOfBody,
}

/// Tells that a body has been read to its end.
#[derive(Debug, Clone)]
pub(crate) struct EndOfBody(Arc<AtomicBool>);

impl EndOfBody {
    pub(crate) fn is_reached(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

impl WatchedBody {
    pub(crate) fn new(body: Body, max: usize) -> (Self, EndOfBody) {
        let end = EndOfBody(Arc::new(AtomicBool::new(body.is_end_stream())));
        (Self { body: Limited::new(body, max), end: end.clone() }, end)
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
            self.end.0.store(true, Ordering::Release);
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
