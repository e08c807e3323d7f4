use std::{future::Future, sync::Arc, time::Duration};

use hyper::rt::Executor;
use hyper_util::server::conn::auto;

use super::{activity::Activity, timer::Timer};
use crate::{shutdown::Shutdown, stream::StreamReset};

/// Requests at the same time on one connection, WebSockets included.
const MAX_STREAMS: u32 = 200;

/// What a client may send on one stream before its handler has taken it.
const STREAM_WINDOW: u32 = 64 << 10;

/// How often a quiet client is asked whether it is still there, and how long it may take to answer.
const KEEP_ALIVE: (Duration, Duration) = (Duration::from_secs(25), Duration::from_secs(20));

/// Makes hyper serve WebSockets over HTTP/2.
pub(super) fn configure(builder: &mut auto::Builder<Tracked>) {
    let (interval, timeout) = KEEP_ALIVE;
    builder
        .http2()
        .timer(Timer)
        .enable_connect_protocol()
        .max_concurrent_streams(MAX_STREAMS)
        .initial_stream_window_size(STREAM_WINDOW)
        // Streams that nobody reads must not use up what the others need.
        .initial_connection_window_size(STREAM_WINDOW * MAX_STREAMS)
        .keep_alive_interval(interval)
        .keep_alive_timeout(timeout);
}

/// Runs the tasks of HTTP/2 connections where a drain waits for them.
#[derive(Debug, Clone)]
pub(super) struct Tracked {
    pub(super) shutdown: Shutdown,
    pub(super) activity: Arc<Activity>,
}

impl<F> Executor<F> for Tracked
where
    F: Future<Output: Send> + Send + 'static,
{
    fn execute(&self, task: F) {
        let open = self.activity.stream();
        match StreamReset::current() {
            // What writes for a request that has become a WebSocket, out of that request's task.
            Some(reset) => self.shutdown.spawn(async move {
                tokio::select! {
                    // It would take the end of the transport that was cut off for the end of what is sent.
                    biased;
                    () = reset.triggered() => {}
                    _ = task => {}
                }
                drop(open);
            }),
            None => self.shutdown.spawn(StreamReset::default().scope(async move {
                task.await;
                drop(open);
            })),
        };
    }
}
