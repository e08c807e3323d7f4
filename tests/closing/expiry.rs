//! `expires_at`: a connection lives no longer than the credentials it was opened with.

use std::time::{Duration, SystemTime};

use ignitia::{
    prelude::*,
    websocket::{CloseCodes, CloseKind, Expiry, WebSocketConfig},
};
use tokio::{
    sync::mpsc::unbounded_channel,
    time::{Instant, sleep},
};

use crate::support::client_of;

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn a_connection_ends_when_its_credentials_expire() {
    for (close_codes, code) in [(CloseCodes::default(), 3000), (CloseCodes::default().expired(4001), 4001)] {
        let (log, mut causes) = unbounded_channel();
        let config = WebSocketConfig::default().close_codes(close_codes);
        let client = client_of(config, move |mut ws: WebSocketConnection| {
            let log = log.clone();
            async move {
                ws.expires_at(60 * SECOND);
                while ws.recv().await.is_some() {}
                log.send(ws.closed().await).unwrap();
                Response::ok()
            }
        });
        let mut socket = client.connect("/").await;
        let start = Instant::now();
        socket.set_deadline(100 * SECOND);
        assert_eq!(socket.expect_close(code).await.reason, "expired");
        assert_eq!(start.elapsed().as_secs(), 60);
        assert_eq!(causes.recv().await.unwrap().kind, CloseKind::Expired);
    }
}

/// The expiry holds whatever the peer does meanwhile, and whichever handle sets it.
#[tokio::test(start_paused = true)]
async fn a_renewal_postpones_the_expiry_even_for_ever_until_another_is_set() {
    let config = WebSocketConfig::default().keepalive_interval(None);
    let client = client_of(config, |mut ws: WebSocketConnection| async move {
        ws.expires_at(10 * SECOND);
        while let Some(message) = ws.recv().await {
            match message.as_text() {
                Some("renew") => ws.expires_at(10 * SECOND),
                Some("forever") => ws.expires_at(Expiry::NEVER),
                Some("now") => ws.expires_at(SystemTime::now()),
                _ => {}
            }
        }
        Response::ok()
    });
    let mut socket = client.connect("/").await;
    for _ in 0..5 {
        sleep(8 * SECOND).await;
        socket.send_text("renew").await;
    }
    let renewed = Instant::now();
    let mut other = client.connect("/").await;
    other.send_text("forever").await;
    socket.set_deadline(100 * SECOND);
    socket.expect_close(3000).await;
    assert_eq!(renewed.elapsed().as_secs(), 10);
    sleep(1_000 * SECOND).await;
    other.send_text("now").await;
    other.expect_close(3000).await;
}

#[tokio::test(start_paused = true)]
async fn the_message_in_the_handler_is_answered_first() {
    let client = client_of(WebSocketConfig::default(), |mut ws: WebSocketConnection| async move {
        ws.expires_at(2 * SECOND);
        while ws.recv().await.is_some_and(|message| message.is_data()) {
            sleep(4 * SECOND).await;
            ws.send_text("done").await.unwrap();
        }
        Response::ok()
    });
    let mut socket = client.connect("/").await;
    socket.send_text("work").await;
    assert_eq!(socket.recv_text().await, "done");
    socket.expect_close(3000).await;
}

/// The expiry was set before the upgrade, which the first `recv` brings about.
#[tokio::test(start_paused = true)]
async fn the_expiry_counts_from_the_call_even_before_the_upgrade() {
    let client = client_of(WebSocketConfig::default(), |mut ws: WebSocketConnection| async move {
        ws.expires_at(SECOND / 2);
        sleep(SECOND / 4).await;
        while ws.recv().await.is_some() {}
        Response::ok()
    });
    let start = Instant::now();
    client.connect("/").await.expect_close(3000).await;
    assert!(start.elapsed() < SECOND, "{:?}", start.elapsed());
}
