//! HTTP/2 on the port of the WebSockets.

use axum::body::Body;
use http::Request;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use ignitia::websocket::WebSocketConfig;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::support::{Transport, echoes, over_http1, tcp, text, tls, within};

/// Speaks HTTP/2 from the first byte and sends these requests at the same time.
async fn requests(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    requests: &[Request<()>],
) -> Vec<(u16, String)> {
    let (mut sender, connection) =
        http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let answers: Vec<_> =
        requests.iter().map(|request| sender.send_request(request.clone().map(|()| Body::empty()))).collect();
    let mut collected = Vec::new();
    for answer in answers {
        let (parts, body) = within("an answer over HTTP/2", answer).await.unwrap().into_parts();
        let body = axum::body::to_bytes(Body::new(body), usize::MAX).await.unwrap();
        collected.push((parts.status.as_u16(), String::from_utf8(body.to_vec()).unwrap()));
    }
    collected
}

#[tokio::test]
async fn http2_requests_are_served_on_the_port_of_the_websockets() {
    let router = || echoes(WebSocketConfig::default()).get("/page", || async { "a page" });
    over_http1(router, async |server| {
        let scheme = if server.transport == Transport::Tls { "https" } else { "http" };
        let get = |path: &str| Request::get(format!("{scheme}://localhost{path}")).body(()).unwrap();
        let page = [get("/page"), get("/nowhere"), get("/ws")];
        let tcp = tcp(server.addr, None).await;
        let answers = if server.transport == Transport::Tls {
            requests(tls(tcp, b"h2").await, &page).await
        } else {
            requests(tcp, &page).await
        };
        assert_eq!(answers[0], (200, "a page".to_owned()));
        assert_eq!(answers[1].0, 404);
        // HTTP/2 has no Upgrade; a WebSocket is opened with an extended CONNECT.
        assert_eq!(answers[2].0, 400);
        let mut socket = server.open("/ws").await;
        socket.send(&text("hi")).await;
        socket.expect_text("hi").await;
    })
    .await;
}
