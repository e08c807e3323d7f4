//! Routes served over a transport of the test: a wrapped one, or a pipe whose bytes the test sees.

use axum::extract::Request;
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use ignitia::prelude::*;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream};

/// A valid handshake for `/`.
pub(crate) const HANDSHAKE: &[u8] = b"GET / HTTP/1.1\r\nHost: localhost\r\n\
    Connection: Upgrade\r\nUpgrade: websocket\r\n\
    Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/// Serves one connection to its end.
pub(crate) async fn serve<T>(router: Router, transport: T)
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let app = router.into_axum().unwrap();
    let service = hyper::service::service_fn(move |request: Request<Incoming>| {
        tower_service::Service::call(&mut app.clone(), request)
    });
    let connection =
        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(transport), service);
    // The client's end shows the result.
    let _ = connection.with_upgrades().await;
}

/// Opens a WebSocket to `/` over both ends of a transport: `client` belongs to the test.
pub(crate) async fn open<C, T>(router: Router, mut client: C, transport: T) -> C
where
    C: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    tokio::spawn(serve(router, transport));
    client.write_all(HANDSHAKE).await.unwrap();
    let head = head(&mut client).await;
    assert!(head.starts_with("HTTP/1.1 101"), "{head}");
    client
}

/// Opens a WebSocket to `/` over a pipe that holds so many bytes in each direction.
pub(crate) async fn open_pipe(router: Router, capacity: usize) -> DuplexStream {
    let (client, transport) = tokio::io::duplex(capacity);
    open(router, client, transport).await
}

/// Reads the head of an answer, and no byte behind it.
pub(crate) async fn head(client: &mut (impl AsyncRead + Unpin)) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap()
}
