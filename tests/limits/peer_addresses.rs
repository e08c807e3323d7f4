//! The address that a request comes from: the one by which limits count.

use ignitia::{
    limits::{ProxyHeader, TrustedProxies},
    prelude::*,
};

use crate::support::{Request, Running, Transport, everywhere};

async fn peer(Peer(addr): Peer, ws: WebSocketConnection) -> Result<Response> {
    ws.send_text(addr.to_string()).await?;
    Ok(Response::ok())
}

async fn maybe(peer: Option<Peer>, ws: WebSocketConnection) -> Result<Response> {
    ws.send_text(peer.map_or("nobody".into(), |Peer(addr)| addr.to_string())).await?;
    Ok(Response::ok())
}

fn router() -> Router {
    Router::new()
        .websocket("/peer", peer)
        .websocket("/maybe", maybe)
        .get("/page", async |Peer(addr): Peer| addr.to_string())
}

async fn told(server: &Running, request: &Request) -> String {
    let (head, mut socket) = server.ask(request).await;
    assert_eq!(head.status, 101, "{head:?}");
    String::from_utf8(socket.frame().await.payload).unwrap()
}

#[tokio::test]
async fn the_peer_address_is_that_of_the_socket() {
    everywhere(router, async |server| {
        // axum's server is not configured to provide the peer's address.
        let is_known = server.transport != Transport::Axum;
        let expected = if is_known { "127.0.0.1" } else { "nobody" };
        let forged = Request::upgrade("/maybe").set("X-Forwarded-For", &["192.0.2.1"]);
        assert_eq!(told(&server, &forged).await, expected);
        let status = server.ask(&Request::upgrade("/peer")).await.0.status;
        assert_eq!(status, if is_known { 101 } else { 500 });
    })
    .await;
}

#[tokio::test]
async fn behind_a_trusted_proxy_the_peer_address_is_that_of_its_header() {
    let loopback = || TrustedProxies::networks(["127.0.0.1/32".parse().unwrap()]);
    for (proxies, name, value, expected) in [
        (loopback(), "X-Forwarded-For", "203.0.113.9, 192.0.2.1", "192.0.2.1"),
        (loopback().header(ProxyHeader::Forwarded), "Forwarded", "for=\"[2001:db8::1]:4711\"", "2001:db8::1"),
        (loopback().header(ProxyHeader::Forwarded), "X-Forwarded-For", "192.0.2.1", "127.0.0.1"),
        (TrustedProxies::hops(2), "X-Forwarded-For", "203.0.113.9, 192.0.2.1, 10.0.0.1", "192.0.2.1"),
    ] {
        let server = Transport::Plain.serve(router().trusted_proxies(proxies.clone())).await;
        assert_eq!(told(&server, &Request::upgrade("/peer").set(name, &[value])).await, expected);
        let (head, mut socket) = server.ask(&Request::get("/page").set(name, &[value])).await;
        assert_eq!(socket.body(&head).await, expected, "a page is told the same");
        let app = router().into_axum().unwrap().layer(axum::Extension(proxies));
        let server = Transport::Plain.serve(app).await;
        assert_eq!(
            told(&server, &Request::upgrade("/peer").set(name, &[value])).await,
            expected,
            "as a layer"
        );
    }
}
