//! A handler that drops its last handle and runs on: nothing can be received any more.

use std::time::Duration;

use ignitia::{prelude::*, websocket::WebSocketConfig};
use tokio::time::{Instant, sleep};

use crate::support::{client_of, forever};

/// The reply waited for the handler to receive what came before the close frame. From now on it
/// cannot.
#[tokio::test(start_paused = true)]
async fn a_close_is_answered_when_the_last_handle_is_dropped() {
    let client = client_of(WebSocketConfig::default(), |ws: WebSocketConnection| async move {
        ws.accept().await.unwrap();
        sleep(Duration::from_secs(2)).await;
        drop(ws);
        forever().await
    });
    let mut socket = client.connect("/").await;
    let start = Instant::now();
    socket.set_deadline(Duration::from_secs(60));
    socket.send_text("untaken").await;
    socket.close(4000, "").await;
    socket.expect_close(4000).await;
    assert_eq!(start.elapsed().as_secs(), 2);
}

/// A clone in another task can still receive: the reply waits for it.
#[tokio::test(start_paused = true)]
async fn a_close_waits_for_a_handle_in_another_task() {
    let client = client_of(WebSocketConfig::default(), |ws: WebSocketConnection| async move {
        ws.accept().await.unwrap();
        let mut elsewhere = ws.clone();
        tokio::spawn(async move {
            sleep(Duration::from_secs(3)).await;
            while let Some(message) = elsewhere.recv().await {
                if message.is_data() {
                    elsewhere.send(message).await.unwrap();
                }
            }
        });
        sleep(Duration::from_secs(1)).await;
        drop(ws);
        forever().await
    });
    let mut socket = client.connect("/").await;
    let start = Instant::now();
    socket.send_text("taken late").await;
    socket.close(4000, "").await;
    assert_eq!(socket.recv_text().await, "taken late");
    socket.expect_close(4000).await;
    assert_eq!(start.elapsed().as_secs(), 3);
}
