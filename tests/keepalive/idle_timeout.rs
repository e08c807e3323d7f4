//! `idle_timeout`, on paused time: it concerns peers that send nothing, not those whose messages we
//! do not read.

use std::time::Duration;

use ignitia::{
    prelude::*,
    websocket::{CloseKind, WebSocketConfig},
};
use tokio::{
    sync::mpsc::unbounded_channel,
    time::{Instant, sleep},
};

use crate::support::client_of;

#[tokio::test(start_paused = true)]
async fn a_peer_whose_messages_are_not_read_is_not_idle() {
    const SECOND: Duration = Duration::from_secs(1);
    let (log, mut seen) = unbounded_channel();
    let config = WebSocketConfig::default().idle_timeout(2 * SECOND).read_ahead_messages(1);
    let client = client_of(config, move |mut ws: WebSocketConnection| {
        let log = log.clone();
        async move {
            ws.recv().await;
            sleep(10 * SECOND).await;
            log.send((ws.close_cause(), Instant::now())).unwrap();
            while ws.recv().await.is_some_and(|message| message.is_data()) {}
            log.send((Some(ws.closed().await), Instant::now())).unwrap();
            Response::ok()
        }
    });
    let mut socket = client.connect("/").await;
    for _ in 0..10 {
        socket.send_text("busy").await;
        sleep(SECOND).await;
    }
    let (cause, resumed) = seen.recv().await.unwrap();
    assert_eq!(cause, None);
    // Everything has been read, and nothing more comes.
    socket.expect_close(3008).await;
    let (cause, ended) = seen.recv().await.unwrap();
    assert_eq!(cause.unwrap().kind, CloseKind::IdleTimeout);
    assert_eq!((ended - resumed).as_secs(), 2);
}
