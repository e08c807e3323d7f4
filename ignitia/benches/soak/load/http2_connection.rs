//! An HTTP/2 connection, which carries several WebSockets (RFC 8441).

use std::{future::poll_fn, net::SocketAddr};

use bytes::Bytes;
use h2::{
    client::{self, SendRequest},
    ext::Protocol,
};
use tokio::task::JoinHandle;

use super::{
    deadline::{ClientResult, within},
    http2_stream::Http2Stream,
    tcp,
    websocket_client::{ClientTransport, WebSocketClient},
};

pub(super) struct Http2Connection {
    requests: SendRequest<Bytes>,
    driver: JoinHandle<Result<(), h2::Error>>,
}

impl Http2Connection {
    pub(super) async fn open(addr: SocketAddr) -> ClientResult<Self> {
        let stream = tcp::connect(addr, None).await?;
        let opened = within("the preface", client::handshake(stream)).await?;
        let (requests, driver) = opened.map_err(|error| format!("the preface: {error}"))?;
        let driver = tokio::spawn(driver);
        // The server's settings enable extended CONNECT, and no request may be sent before.
        within("the server's settings", async {
            while !requests.is_extended_connect_protocol_enabled() {
                tokio::task::yield_now().await;
            }
        })
        .await?;
        Ok(Self { requests, driver })
    }

    /// Opens a WebSocket on a new stream.
    pub(super) async fn websocket(&mut self, path: &str) -> ClientResult<WebSocketClient> {
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
        let stream = Http2Stream::new(sending, answer.into_body());
        Ok(WebSocketClient::new(ClientTransport::Http2(stream)))
    }

    /// Drops the connection without a close: all of its streams are lost.
    pub(super) fn abort(self) {
        self.driver.abort();
    }
}
