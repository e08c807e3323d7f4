//! Number of writes for a burst, counted at the transport.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use ignitia::prelude::*;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::watch,
};

use crate::support::{CountedWrites, echo, forever, transport};

/// Returns an open connection to `/`, and the number of writes of the server.
async fn open(router: Router) -> (TcpStream, Arc<AtomicUsize>) {
    let writes = Arc::new(AtomicUsize::new(0));
    let counter = writes.clone();
    let client = open_over(router, |stream| CountedWrites::new(stream, counter)).await;
    writes.store(0, Ordering::SeqCst);
    (client, writes)
}

/// Returns an open connection to `/` whose server end is wrapped.
async fn open_over<T>(router: Router, wrap: impl FnOnce(TcpStream) -> T) -> TcpStream
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    client.set_nodelay(true).unwrap();
    let (stream, _) = listener.accept().await.unwrap();
    stream.set_nodelay(true).unwrap();
    transport::open(router, client, wrap(stream)).await
}

/// Returns a masked text frame; the masking key of zeros leaves the payload unchanged.
fn frame(payload: &[u8]) -> Vec<u8> {
    [&[0x81, 0x80 | payload.len() as u8, 0, 0, 0, 0], payload].concat()
}

async fn expect(client: &mut TcpStream, messages: usize, payload: &[u8]) {
    let mut bytes = vec![0; messages * (2 + payload.len())];
    client.read_exact(&mut bytes).await.unwrap();
    assert!(
        bytes
            .chunks(2 + payload.len())
            .all(|echo| echo[..2] == [0x81, payload.len() as u8] && echo[2..] == *payload)
    );
}

#[tokio::test]
async fn sixty_four_pipelined_echoes_cost_at_most_two_writes() {
    let (mut client, writes) = open(Router::new().websocket("/", echo)).await;
    let payload = [b'x'; 20];
    for _ in 0..50 {
        writes.store(0, Ordering::SeqCst);
        client.write_all(&frame(&payload).repeat(64)).await.unwrap();
        expect(&mut client, 64, &payload).await;
        let writes = writes.load(Ordering::SeqCst);
        assert!(writes <= 2, "{writes} writes");
    }
}

#[tokio::test]
async fn one_message_alone_is_written_at_once() {
    let (mut client, writes) = open(Router::new().websocket("/", echo)).await;
    for _ in 0..50 {
        writes.store(0, Ordering::SeqCst);
        client.write_all(&frame(b"hello")).await.unwrap();
        expect(&mut client, 1, b"hello").await;
        assert_eq!(writes.load(Ordering::SeqCst), 1);
    }
}

/// A burst from another task wakes the connection once and goes out in one write.
#[tokio::test]
async fn a_burst_from_another_task_is_one_write() {
    let router = Router::new().websocket("/", |mut ws: WebSocketConnection| async move {
        ws.recv().await;
        let other = ws.clone();
        tokio::spawn(async move {
            for _ in 0..500 {
                other.try_send(Message::from("burst")).unwrap();
            }
        });
        forever().await
    });
    let (mut client, writes) = open(router).await;
    client.write_all(&frame(b"go")).await.unwrap();
    expect(&mut client, 500, b"burst").await;
    assert_eq!(writes.load(Ordering::SeqCst), 1);
}

/// A transport that buffers bytes, as TLS may, and gives them to the kernel on demand.
struct Buffering {
    stream: TcpStream,
    flushes: watch::Receiver<bool>,
    /// Ready when a flush is let through.
    let_through: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl Buffering {
    fn new(stream: TcpStream, flushes: watch::Receiver<bool>) -> Self {
        let mut open = flushes.clone();
        let let_through = Box::pin(async move {
            open.wait_for(|open| *open).await.unwrap();
        });
        Self { stream, flushes, let_through }
    }
}

impl AsyncRead for Buffering {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Buffering {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if *self.flushes.borrow() {
            return Poll::Ready(Ok(()));
        }
        self.let_through.as_mut().poll(cx).map(Ok)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// Buffered bytes have not been given to the kernel.
#[tokio::test]
async fn flush_waits_for_the_flush_of_the_transport() {
    let (gate, flushes) = watch::channel(true);
    let (log, mut steps) = tokio::sync::mpsc::unbounded_channel();
    let router = Router::new().websocket("/", move |mut ws: WebSocketConnection| {
        let log = log.clone();
        async move {
            ws.recv().await;
            ws.send_text("held back").await.unwrap();
            let flushed = {
                let ws = ws.clone();
                tokio::spawn(async move { ws.flush().await })
            };
            // The second message shows that the transport has the first.
            ws.recv().await;
            log.send(flushed.is_finished()).unwrap();
            flushed.await.unwrap().unwrap();
            log.send(true).unwrap();
            forever().await
        }
    });
    let mut client = open_over(router, |stream| Buffering::new(stream, flushes)).await;
    gate.send(false).unwrap();
    client.write_all(&frame(b"go")).await.unwrap();
    expect(&mut client, 1, b"held back").await;
    client.write_all(&frame(b"seen")).await.unwrap();
    assert_eq!(steps.recv().await, Some(false));
    gate.send(true).unwrap();
    assert_eq!(steps.recv().await, Some(true));
}
