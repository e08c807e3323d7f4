//! A connection at rest: the number of times its transport is polled, on paused time.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use ignitia::{prelude::*, websocket::WebSocketConfig};
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf},
    time::sleep,
};

use crate::support::{close, route, text, transport};

/// End of a pipe that counts its polls.
struct CountedPolls {
    pipe: DuplexStream,
    polls: Arc<AtomicUsize>,
}

impl CountedPolls {
    fn pipe(&mut self) -> Pin<&mut DuplexStream> {
        self.polls.fetch_add(1, Ordering::SeqCst);
        Pin::new(&mut self.pipe)
    }
}

impl AsyncRead for CountedPolls {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.pipe().poll_read(cx, buffer)
    }
}

impl AsyncWrite for CountedPolls {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.pipe().poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.pipe().poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.pipe().poll_shutdown(cx)
    }
}

/// Does what the message says.
async fn obey(mut ws: WebSocketConnection) -> Response {
    while let Some(message) = ws.recv().await {
        match message.as_text() {
            Some("wait") => sleep(Duration::from_secs(1_000)).await,
            Some("flood") => while ws.send_binary(vec![0; 9_000]).await.is_ok() {},
            Some("end") => return Response::ok(),
            _ => {}
        }
    }
    Response::ok()
}

/// Returns the number of polls in the minute after these bytes have been handled.
async fn polls_after(bytes: &[u8]) -> usize {
    let polls = Arc::new(AtomicUsize::new(0));
    let (client, pipe) = tokio::io::duplex(64 << 10);
    let routes = route(WebSocketConfig::default(), obey);
    let mut client = transport::open(routes, client, CountedPolls { pipe, polls: polls.clone() }).await;
    client.write_all(bytes).await.unwrap();
    sleep(Duration::from_millis(10)).await;
    polls.store(0, Ordering::SeqCst);
    sleep(Duration::from_secs(60)).await;
    polls.load(Ordering::SeqCst)
}

#[tokio::test(start_paused = true)]
async fn a_transport_at_rest_is_not_polled() {
    let paused = [text("wait"), text("x").repeat(100)].concat();
    for (state, bytes) in [
        ("idle", Vec::new()),
        ("paused, because the handler takes nothing", paused),
        ("stalled, because the peer takes nothing", text("flood")),
        ("closing, and the peer does not answer", text("end")),
        ("lingering, and the peer does not hang up", close(1000, "")),
    ] {
        let polls = polls_after(&bytes).await;
        println!("{polls} polls: {state}");
        // A few for each timer that fires in a minute: a ping, its timeout, the end.
        assert!(polls <= 16, "{polls} polls while it was {state}");
    }
}
