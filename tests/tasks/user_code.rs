//! User code that we run: payloads with a destructor, bodies that panic.

use std::{
    io,
    pin::Pin,
    sync::mpsc::{Sender, channel},
    task::{Context, Poll},
    thread,
    time::Instant,
};

use axum::body::Body;
use bytes::Bytes;
use futures_util::{FutureExt, Stream};
use ignitia::{prelude::*, websocket::WebSocketConfig};
use tokio::sync::mpsc::unbounded_channel;

use crate::support::{DEADLINE, client_of, forever};

/// A payload that uses the connection when it is dropped.
struct Payload {
    bytes: Vec<u8>,
    ws: WebSocketConnection,
    dropped: Sender<()>,
}

impl AsRef<[u8]> for Payload {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Payload {
    fn drop(&mut self) {
        self.ws.is_closed();
        let _ = self.ws.try_send(Message::from("dropped"));
        let _ = self.dropped.send(());
    }
}

/// Way in which a payload is dropped.
#[derive(Debug, Clone, Copy)]
enum Fate {
    /// It is written; small ones through a buffer, large ones directly.
    Written(usize),
    Full,
    Closed,
    /// Its sender gives up waiting for room.
    Cancelled,
    /// The connection ends while it is queued.
    Discarded,
}

async fn run(fate: Fate, dropped: Sender<()>) {
    let (log, mut ready) = unbounded_channel();
    let config = WebSocketConfig::default().outbox_messages(1);
    let client = client_of(config, move |ws: WebSocketConnection| {
        let (log, dropped) = (log.clone(), dropped.clone());
        async move {
            ws.accept().await.unwrap();
            let size = if let Fate::Written(size) = fate { size } else { 1 << 20 };
            let payload = Payload { bytes: vec![0; size], ws: ws.clone(), dropped };
            let payload = Bytes::from_owner(payload);
            match fate {
                Fate::Written(_) | Fate::Discarded => ws.send_binary(payload).await.unwrap(),
                Fate::Full => {
                    ws.send_binary(vec![0; 1 << 20]).await.unwrap();
                    assert!(ws.try_send(Message::Binary(payload)).unwrap_err().is_full());
                }
                Fate::Closed => {
                    ws.close(None).await.unwrap();
                    assert!(ws.send_binary(payload).await.unwrap_err().is_closed());
                }
                Fate::Cancelled => {
                    ws.send_binary(vec![0; 1 << 20]).await.unwrap();
                    assert!(ws.send_binary(payload).now_or_never().is_none());
                }
            }
            log.send(()).unwrap();
            forever().await
        }
    });
    let mut socket = client.connect("/").await;
    ready.recv().await.unwrap();
    match fate {
        Fate::Written(size) => assert_eq!(socket.recv_binary().await.len(), size),
        Fate::Discarded => socket.reset(),
        Fate::Full | Fate::Closed | Fate::Cancelled => {}
    }
    // The connection continues, or ends.
    client.shutdown().abort();
    client.shutdown().drain().await;
}

/// The destructor runs while no lock of ours is held. A deadlock would stop its thread, so each
/// case has a thread that is not the test's.
#[test]
fn a_payload_may_use_the_connection_when_it_is_dropped() {
    use Fate::{Cancelled, Closed, Discarded, Full, Written};
    let runs = [Written(5), Written(500_000), Full, Closed, Cancelled, Discarded].map(|fate| {
        let (dropped, drops) = channel();
        let (done, ended) = channel();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(run(fate, dropped));
            done.send(()).unwrap();
        });
        (fate, drops, ended)
    });
    let end = Instant::now() + DEADLINE;
    let hang: Vec<Fate> = runs
        .iter()
        .filter(|(_, _, ended)| ended.recv_timeout(end.saturating_duration_since(Instant::now())).is_err())
        .map(|(fate, ..)| *fate)
        .collect();
    assert!(hang.is_empty(), "a deadlock, or no end, where it is {hang:?}");
    for (fate, drops, _) in runs {
        assert_eq!(drops.try_iter().count(), 1, "{fate:?}");
    }
}

struct PanicsWhenRead;

impl Stream for PanicsWhenRead {
    type Item = io::Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        panic!("read")
    }
}

struct PanicsWhenDropped;

impl Stream for PanicsWhenDropped {
    type Item = io::Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Pending
    }
}

impl Drop for PanicsWhenDropped {
    fn drop(&mut self) {
        panic!("dropped")
    }
}

/// A panic of a handler's response counts as a panic of the handler.
#[tokio::test(start_paused = true)]
async fn a_response_body_that_panics_is_a_1011() {
    async fn panics(ws: WebSocketConnection, body: fn() -> Body) -> Response {
        ws.accept().await.unwrap();
        let response =
            Response::builder().status(StatusCode::BAD_REQUEST).header("content-type", "text/plain");
        response.body(body()).unwrap()
    }
    let bodies: [fn() -> Body; 2] =
        [|| Body::from_stream(PanicsWhenRead), || Body::from_stream(PanicsWhenDropped)];
    for body in bodies {
        let client = client_of(WebSocketConfig::default(), move |ws| panics(ws, body));
        let mut socket = client.connect("/").await;
        assert_eq!(socket.expect_close(1011).await.reason, "");
        socket.expect_end().await;
        // Nothing was aborted by it.
        let report = client.shutdown().drain().await;
        assert_eq!(report.aborted, 0);
    }
}
