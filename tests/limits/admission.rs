//! Number of WebSockets, and the memory that they hold together. A refusal comes before the
//! upgrade.

use ignitia::{
    RouterExt,
    limits::{IpNet, Limits, LimitsLayer, ProxyHeader, Rate, TrustedProxies},
    prelude::*,
};

use crate::support::{Head, RawSocket, Request, Running, close, echo, everywhere, frame, header, text};

fn limited(limits: Limits) -> Router {
    Router::new()
        .limits(limits)
        .websocket("/ws", echo)
        .websocket("/no", |_: WebSocketConnection| async { Response::unauthorized("no") })
}

/// Asks until there is a permit: a closed connection still counts for a moment.
async fn open_once_there_is_a_place(server: &Running) -> RawSocket {
    loop {
        let (head, socket) = server.ask(&Request::upgrade("/ws")).await;
        match head.status {
            101 => return socket,
            503 | 429 => tokio::task::yield_now().await,
            _ => panic!("{head:?}"),
        }
    }
}

fn refused(head: &Head, status: u16) {
    assert_eq!((head.status, head.get("retry-after")), (status, Some("5")), "{head:?}");
}

#[tokio::test]
async fn connections_are_limited_in_all() {
    let limits = Limits::default().max_connections(2);
    everywhere(
        || limited(limits.clone()),
        async |server| {
            // A request that its handler refuses takes no permit.
            for _ in 0..5 {
                assert_eq!(server.ask(&Request::upgrade("/no")).await.0.status, 401);
            }
            let mut first = server.open("/ws").await;
            let mut second = server.open("/ws").await;
            let (head, _socket) = server.ask(&Request::upgrade("/ws")).await;
            refused(&head, 503);
            second.send(&text("still here")).await;
            second.expect_text("still here").await;
            first.send(&close(1000, "")).await;
            first.expect_close(1000).await;
            first.end().await;
            open_once_there_is_a_place(&server).await;
        },
    )
    .await;
}

/// The limits are checked before the lists in a head are parsed; a request that is refused for its
/// lists takes no permit.
#[tokio::test]
async fn broken_offers_take_no_permit_and_limits_are_checked_first() {
    let limits = Limits::default().max_connections(1);
    everywhere(
        || limited(limits.clone()),
        async |server| {
            let broken = [("Sec-WebSocket-Protocol", "a, a"), ("Sec-WebSocket-Extensions", "a;")];
            let broken = broken.map(|(name, list)| Request::upgrade("/ws").set(name, &[list]));
            for request in broken.iter().cycle().take(4) {
                assert_eq!(server.ask(request).await.0.status, 400);
            }
            let _open = server.open("/ws").await;
            for request in &broken {
                refused(&server.ask(request).await.0, 503);
            }
        },
    )
    .await;
}

#[tokio::test]
async fn connections_of_one_peer_are_limited() {
    let limits = Limits::default().max_connections_per_peer(1);
    // axum's server is not configured to provide the peer's address.
    let router = || limited(limits.clone());
    everywhere(router, async |server| {
        let _first = server.open("/ws").await;
        let (head, _socket) = server.ask(&Request::upgrade("/ws")).await;
        if server.transport == crate::support::Transport::Axum {
            assert_eq!(head.status, 101);
        } else {
            refused(&head, 429);
        }
    })
    .await;
}

#[tokio::test]
async fn peers_behind_a_trusted_proxy_are_limited_one_by_one() {
    let proxies: Vec<IpNet> = vec!["127.0.0.0/8".parse().unwrap(), "10.0.0.0/8".parse().unwrap()];
    for (header, name, one, other) in [
        (ProxyHeader::XForwardedFor, "X-Forwarded-For", "192.0.2.1, 10.0.0.2", "192.0.2.2, 10.0.0.2"),
        (ProxyHeader::Forwarded, "Forwarded", "for=192.0.2.1", "for=192.0.2.2"),
    ] {
        for trusted in [true, false] {
            let limits = Limits::default().max_connections_per_peer(1);
            let networks = if trusted { proxies.clone() } else { Vec::new() };
            let router = limited(limits).trusted_proxies(TrustedProxies::networks(networks).header(header));
            let server = crate::support::Transport::Plain.serve(router).await;
            let from = |whom: &str| Request::upgrade("/ws").set(name, &[whom]);
            let (head, _first) = server.ask(&from(one)).await;
            assert_eq!(head.status, 101);
            let (head, _second) = server.ask(&from(one)).await;
            refused(&head, 429);
            let (head, _third) = server.ask(&from(other)).await;
            assert_eq!(head.status, if trusted { 101 } else { 429 }, "{name}, trusted: {trusted}");
        }
    }
}

#[tokio::test]
async fn handshakes_are_limited_by_rate() {
    let rate = Rate::new(1, 3);
    let limits = Limits::default().handshake_rate(rate);
    everywhere(
        || limited(limits.clone()),
        async |server| {
            let mut refusals = 0;
            for _ in 0..20 {
                let (head, _socket) = server.ask(&Request::upgrade("/ws")).await;
                if head.status != 101 {
                    refused(&head, 503);
                    refusals += 1;
                }
            }
            assert!((1..=17).contains(&refusals), "{refusals} of 20 were refused");
        },
    )
    .await;
}

/// Within the limit of each connection, but not of all together. A message that is complete frees
/// its share.
#[tokio::test]
async fn bytes_of_incomplete_messages_are_limited() {
    const MANY: usize = 300_000;
    let limits = Limits::default().max_incomplete_bytes(2 * MANY);
    everywhere(
        || limited(limits.clone()),
        async |server| {
            let whole = frame(0x82, &vec![7; MANY]);
            let almost = &whole[..whole.len() - 1];
            let fragment = frame(0x02, &vec![7; MANY]);
            let mut first = server.open("/ws").await;
            first.send(almost).await;
            let mut second = server.open("/ws").await;
            // The pong behind the fragment shows that it has been read.
            second.send(&[&fragment[..], &frame(0x89, b"")].concat()).await;
            second.frame().await;
            let mut third = server.open("/ws").await;
            third.send(&header(0x82, 1_000_000)).await;
            let _ = third.try_send(&vec![0; 300_000]).await;
            third.expect_close(1013).await;
            third.send(&close(1013, "")).await;
            third.end().await;
            first.send(&whole[whole.len() - 1..]).await;
            assert_eq!(first.frame().await.payload.len(), MANY);
            second.send(&frame(0x80, b"")).await;
            assert_eq!(second.frame().await.payload.len(), MANY);
            let mut fourth = server.open("/ws").await;
            fourth.send(&whole).await;
            assert_eq!(fourth.frame().await.payload.len(), MANY);
        },
    )
    .await;
}

#[tokio::test]
async fn limits_may_be_a_layer_in_an_axum_router() {
    let limits = Limits::default().max_connections(1);
    let router = || axum::Router::new().websocket("/ws", echo).layer(LimitsLayer::new(limits.clone()));
    everywhere(router, async |server| {
        let _first = server.open("/ws").await;
        let (head, _socket) = server.ask(&Request::upgrade("/ws")).await;
        refused(&head, 503);
    })
    .await;
}
