use std::{
    sync::{Arc, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::Notify;

use super::heads::Heads;
use crate::{
    stream::StreamObserver,
    sync::{AtomicU8, AtomicUsize, Mutex, MutexGuard, Ordering},
    time::{GraceTimeout, after, now},
};

/// What goes on on a connection, as far as the clocks of it have to know.
#[derive(Debug)]
pub(super) struct Activity {
    /// The version of the first request; until then there was none.
    version: AtomicU8,
    /// Streams of HTTP/2 that are open.
    streams: AtomicUsize,
    /// When the last of them has ended. Locked by whoever ends one, and by the clock.
    ended: Mutex<Instant>,
    /// Locked for every read and write of HTTP/1.1, by the one task that serves the connection.
    heads: Mutex<Heads>,
    /// Between requests of HTTP/1.1 the time has run out.
    idle: Notify,
}

const UNKNOWN: u8 = 0;
const HTTP_1: u8 = 1;
const HTTP_2: u8 = 2;

/// Why a connection has no more time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quiet {
    /// No request came.
    Silent,
    /// There was no other request for too long.
    Idle,
}

/// An open stream.
#[derive(Debug)]
pub(super) struct Stream(Arc<Activity>);

impl Activity {
    pub(super) fn begin() -> Arc<Self> {
        let now = now();
        Arc::new(Self {
            version: AtomicU8::new(UNKNOWN),
            streams: AtomicUsize::new(0),
            ended: Mutex::new(now),
            heads: Mutex::new(Heads::new(now)),
            idle: Notify::new(),
        })
    }

    /// A request has come, with a body of this length if it has said so.
    pub(super) fn request(&self, is_http2: bool, body: Option<u64>) {
        self.version.store(if is_http2 { HTTP_2 } else { HTTP_1 }, Ordering::Relaxed);
        if !is_http2 {
            self.heads().request(body);
        }
    }

    /// Whether there was a request.
    pub(super) fn was_asked(&self) -> bool {
        self.version.load(Ordering::Relaxed) != UNKNOWN
    }

    pub(super) fn heads(&self) -> MutexGuard<'_, Heads> {
        self.heads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// There was no request of HTTP/1.1 for too long.
    pub(super) fn is_idle(&self) {
        self.idle.notify_one();
    }

    /// A stream of HTTP/2 is open until this is dropped.
    pub(super) fn stream(self: &Arc<Self>) -> Stream {
        self.streams.fetch_add(1, Ordering::AcqRel);
        Stream(self.clone())
    }

    /// Waits until no request has come within `first`, or none any more for `idle`: over HTTP/2 from the end of the last stream on; over
    /// HTTP/1.1 it is [`HeadTimer`](super::timer::HeadTimer) that counts the time.
    pub(super) async fn quiet(&self, first: Duration, idle: Duration) -> Quiet {
        let start = now();
        GraceTimeout::new(first.min(idle)).await;
        loop {
            let (due, quiet) = match self.version.load(Ordering::Relaxed) {
                UNKNOWN => (after(start, first), Quiet::Silent),
                HTTP_1 => {
                    self.idle.notified().await;
                    return Quiet::Idle;
                }
                _ if self.streams.load(Ordering::Acquire) > 0 => (after(now(), idle), Quiet::Idle),
                _ => (after(*self.ended(), idle), Quiet::Idle),
            };
            if now() >= due {
                return quiet;
            }
            GraceTimeout::until(due).await;
        }
    }

    fn ended(&self) -> MutexGuard<'_, Instant> {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        *self.0.ended() = now();
        self.0.streams.fetch_sub(1, Ordering::AcqRel);
    }
}

impl StreamObserver for Activity {
    fn received(&self, bytes: &[u8]) {
        if self.version.load(Ordering::Relaxed) != HTTP_2 {
            self.heads().received(bytes, now);
        }
    }

    fn sent(&self) {
        if self.version.load(Ordering::Relaxed) != HTTP_2 {
            self.heads().sent(now);
        }
    }
}
