use std::{
    sync::{Arc, PoisonError},
    time::Duration,
};

use tokio::sync::Notify;

use super::head_tracker::HeadTracker;
use crate::{
    stream::StreamObserver,
    sync::{AtomicU8, AtomicUsize, Mutex, MutexGuard, Ordering},
    time::{GraceTimeout, Instant, after, now},
};

/// Time that a connection without a request stays open after its client was told that it ends.
pub(super) const CLOSE_GRACE: Duration = Duration::from_millis(500);

/// Activity on a connection, as far as its timeouts depend on it.
#[derive(Debug)]
pub(super) struct Activity {
    start: Instant,
    /// HTTP version of the first request; `UNKNOWN` before it.
    version: AtomicU8,
    /// Number of open HTTP/2 streams.
    streams: AtomicUsize,
    /// End of the last of them. Locked by the task that ends a stream, and by the timeout.
    last_stream_end: Mutex<Instant>,
    /// Locked for every read and write over HTTP/1.1, by the one task that serves the connection.
    head: Mutex<HeadTracker>,
    /// Notified once the keep-alive timeout of HTTP/1.1 has passed.
    idle: Notify,
}

const UNKNOWN: u8 = 0;
const HTTP_1: u8 = 1;
const HTTP_2: u8 = 2;

/// Timeout of a connection without a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IdleTimeout {
    /// The first request did not come in time.
    FirstRequest,
    /// No further request came in time.
    KeepAlive,
}

/// An open HTTP/2 stream, for as long as it is not dropped.
#[derive(Debug)]
pub(super) struct OpenStream(Arc<Activity>);

impl Activity {
    /// Returns the activity of a connection that was accepted at this time.
    pub(super) fn since(start: Instant) -> Arc<Self> {
        Arc::new(Self {
            start,
            version: AtomicU8::new(UNKNOWN),
            streams: AtomicUsize::new(0),
            last_stream_end: Mutex::new(start),
            head: Mutex::new(HeadTracker::new(start)),
            idle: Notify::new(),
        })
    }

    /// Notes a request, and the length of its body if it declares one.
    pub(super) fn request_received(&self, is_http2: bool, body: Option<u64>) {
        self.version.store(if is_http2 { HTTP_2 } else { HTTP_1 }, Ordering::Relaxed);
        if !is_http2 {
            self.head().request_received(body);
        }
    }

    /// Returns true once a request was received.
    pub(super) fn has_request(&self) -> bool {
        self.version.load(Ordering::Relaxed) != UNKNOWN
    }

    pub(super) fn head(&self) -> MutexGuard<'_, HeadTracker> {
        self.head.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that the keep-alive timeout of HTTP/1.1 has passed.
    pub(super) fn notify_idle(&self) {
        self.idle.notify_one();
    }

    /// Counts an HTTP/2 stream as open until the value is dropped.
    pub(super) fn open_stream(self: &Arc<Self>) -> OpenStream {
        self.streams.fetch_add(1, Ordering::AcqRel);
        OpenStream(self.clone())
    }

    /// Waits until no request has come within `first`, or no further one for `keep_alive`.
    ///
    /// Over HTTP/2 the latter counts from the end of the last stream. Over HTTP/1.1
    /// [`Http1Timer`](super::http1_timer::Http1Timer) measures it.
    pub(super) async fn idle_timeout(&self, first: Duration, keep_alive: Duration) -> IdleTimeout {
        GraceTimeout::until(after(self.start, first.min(keep_alive))).await;
        loop {
            let (deadline, timeout) = match self.version.load(Ordering::Relaxed) {
                UNKNOWN => (after(self.start, first), IdleTimeout::FirstRequest),
                HTTP_1 => {
                    self.idle.notified().await;
                    return IdleTimeout::KeepAlive;
                }
                _ if self.streams.load(Ordering::Acquire) > 0 => {
                    (after(now(), keep_alive), IdleTimeout::KeepAlive)
                }
                _ => (after(*self.last_stream_end(), keep_alive), IdleTimeout::KeepAlive),
            };
            if now() >= deadline {
                return timeout;
            }
            GraceTimeout::until(deadline).await;
        }
    }

    fn last_stream_end(&self) -> MutexGuard<'_, Instant> {
        self.last_stream_end.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        *self.0.last_stream_end() = now();
        self.0.streams.fetch_sub(1, Ordering::AcqRel);
    }
}

impl StreamObserver for Activity {
    fn received(&self, bytes: &[u8]) {
        if self.version.load(Ordering::Relaxed) != HTTP_2 {
            self.head().received(bytes, now);
        }
    }

    fn sent(&self) {
        if self.version.load(Ordering::Relaxed) != HTTP_2 {
            self.head().sent(now);
        }
    }
}
