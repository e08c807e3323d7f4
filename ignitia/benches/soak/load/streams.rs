//! WebSockets that are streams of an HTTP/2 connection.

use std::{future::poll_fn, io, net::SocketAddr};

use bytes::Bytes;
use h2::{
    Reason, RecvStream, SendStream,
    client::{self, SendRequest},
    ext::Protocol,
};
use tokio::task::JoinHandle;

use super::{
    Outcome,
    peer::{Peer, Transport, tcp, within},
};

pub(super) struct Stream {
    sending: SendStream<Bytes>,
    receiving: RecvStream,
}

/// An HTTP/2 connection.
pub(super) struct Connection {
    requests: SendRequest<Bytes>,
    driver: JoinHandle<Result<(), h2::Error>>,
}

impl Connection {
    pub(super) async fn open(addr: SocketAddr) -> Outcome<Self> {
        let stream = tcp(addr, None).await?;
        let opened = within("the preface", client::handshake(stream)).await?;
        let (requests, driver) = opened.map_err(|error| format!("the preface: {error}"))?;
        let driver = tokio::spawn(driver);
        // The server says in its settings that it takes WebSockets.
        within("the server's settings", async {
            while !requests.is_extended_connect_protocol_enabled() {
                tokio::task::yield_now().await;
            }
        })
        .await?;
        Ok(Self { requests, driver })
    }

    pub(super) async fn websocket(&mut self, path: &str) -> Outcome<Peer> {
        let request = http::Request::builder()
            .method("CONNECT")
            .uri(format!("http://localhost{path}"))
            .header("sec-websocket-version", "13")
            .extension(Protocol::from("websocket"))
            .body(())
            .unwrap();
        let answer = async {
            poll_fn(|cx| self.requests.poll_ready(cx)).await?;
            let (answer, sending) = self.requests.send_request(request, false)?;
            Ok((answer.await?, sending))
        };
        let answer = within("the answer to the handshake", answer).await?;
        let (answer, sending) = answer.map_err(|error: h2::Error| format!("the handshake: {error}"))?;
        if answer.status() != 200 {
            return Err(format!("the handshake of {path}: {}", answer.status()));
        }
        Ok(Peer::new(Transport::Http2(Stream { sending, receiving: answer.into_body() })))
    }

    /// Cuts it off, with all that is on it.
    pub(super) fn cut(self) {
        self.driver.abort();
    }
}

impl Stream {
    pub(super) async fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.sending.reserve_capacity(bytes.len());
        while self.sending.capacity() == 0 {
            match poll_fn(|cx| self.sending.poll_capacity(cx)).await {
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(io::Error::other(error)),
                None => return Err(io::ErrorKind::BrokenPipe.into()),
            }
        }
        let n = self.sending.capacity().min(bytes.len());
        self.sending.send_data(Bytes::copy_from_slice(&bytes[..n]), false).map_err(io::Error::other)?;
        Ok(n)
    }

    pub(super) async fn read(&mut self, into: &mut Vec<u8>) -> io::Result<usize> {
        loop {
            match self.receiving.data().await {
                None => return Ok(0),
                Some(Ok(bytes)) if bytes.is_empty() => {}
                Some(Ok(bytes)) => {
                    self.receiving.flow_control().release_capacity(bytes.len()).map_err(io::Error::other)?;
                    into.extend_from_slice(&bytes);
                    return Ok(bytes.len());
                }
                Some(Err(error)) => return Err(io::Error::other(error)),
            }
        }
    }

    pub(super) fn reset(mut self) {
        self.sending.send_reset(Reason::CANCEL);
    }
}
