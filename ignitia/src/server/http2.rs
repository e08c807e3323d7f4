use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use hyper::{rt::Executor, server::conn::http2};

use super::{activity::Activity, http2_timer::Http2Timer};
use crate::{shutdown::Shutdown, stream::StreamReset};

/// Maximum number of concurrent requests on one connection, WebSockets included.
const MAX_STREAMS: u32 = 200;

/// Flow-control window of a stream: the bytes that a client may send before the handler has taken
/// them.
const STREAM_WINDOW: u32 = 64 << 10;

/// Interval between pings of a quiet client, and the time that it has to answer one.
const KEEP_ALIVE: (Duration, Duration) = (Duration::from_secs(25), Duration::from_secs(20));

/// Configures hyper for WebSockets over HTTP/2.
pub(super) fn configure(builder: &mut http2::Builder<Http2Executor>) {
    let (interval, timeout) = KEEP_ALIVE;
    builder
        .timer(Http2Timer)
        .enable_connect_protocol()
        .max_concurrent_streams(MAX_STREAMS)
        .initial_stream_window_size(STREAM_WINDOW)
        // Streams that are not read must not use up the window of the others.
        .initial_connection_window_size(STREAM_WINDOW * MAX_STREAMS)
        .keep_alive_interval(interval)
        .keep_alive_timeout(timeout);
}

/// Executor of hyper's tasks for the streams of one HTTP/2 connection. A drain waits for them.
#[derive(Debug, Clone)]
pub(super) struct Http2Executor {
    pub(super) shutdown: Shutdown,
    pub(super) activity: Arc<Activity>,
}

impl<F> Executor<F> for Http2Executor
where
    F: Future<Output: Send> + Send + 'static,
{
    fn execute(&self, task: F) {
        let open = self.activity.open_stream();
        // Boxed: see `spawn_boxed`.
        let task: Pin<Box<dyn Future<Output = ()> + Send>> = match StreamReset::current() {
            // Spawned by the task of a request that has become a WebSocket, to write to its stream.
            Some(reset) => Box::pin(async move {
                tokio::select! {
                    // The reset comes first: the task would take the end of the aborted transport
                    // for the end of the data to send, and end the stream in order.
                    biased;
                    () = reset.triggered() => {}
                    _ = task => {}
                }
                drop(open);
            }),
            None => Box::pin(StreamReset::default().scope(async move {
                task.await;
                drop(open);
            })),
        };
        self.shutdown.spawn_boxed(task);
    }
}
