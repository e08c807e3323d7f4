//! A handler that uses up tokio's budget for cooperation, again and again, leaves the connection what it needs.

use std::time::Duration;

use ignitia::{prelude::*, websocket::WebSocketConfig};
use tokio::{sync::mpsc, time::Instant};

use super::client;

/// Computes for ever, and lets other tasks have their turn.
async fn compute() -> Response {
    loop {
        tokio::task::consume_budget().await;
    }
}

/// The handler's last turn ended for want of budget: the keepalive's timer is set all the same.
#[tokio::test(start_paused = true)]
async fn the_clock_runs_when_the_budget_is_used_up() {
    const ITEMS: usize = 300;
    let client = client(WebSocketConfig::default(), |ws: WebSocketConnection| async move {
        let (queue, mut items) = mpsc::unbounded_channel();
        (0..ITEMS).for_each(|item| queue.send(item).unwrap());
        while let Some(item) = items.recv().await {
            ws.send_text(item.to_string()).await.unwrap();
        }
        Response::ok()
    });
    let mut socket = client.connect("/").await;
    socket.set_deadline(Duration::from_secs(60));
    let start = Instant::now();
    for item in 0..ITEMS {
        assert_eq!(socket.recv_text().await, item.to_string());
    }
    assert!(matches!(socket.recv().await, Some(Message::Ping(_))));
    assert_eq!(start.elapsed().as_secs(), 25);
}

#[tokio::test]
async fn pongs_go_out_while_the_handler_computes() {
    let client = client(WebSocketConfig::default(), |ws: WebSocketConnection| async move {
        ws.accept().await.unwrap();
        compute().await
    });
    let mut socket = client.connect("/").await;
    socket.set_deadline(Duration::from_secs(10));
    for payload in ["1", "2", "3"] {
        socket.send(Message::Ping(payload.into())).await;
        assert_eq!(socket.recv().await, Some(Message::Pong(payload.into())));
    }
    socket.close(4001, "").await;
    socket.expect_close(4001).await;
    socket.expect_end().await;
}

/// It never touches its connection: the window ends, and the upgrade takes place beside it.
#[tokio::test]
async fn an_undecided_handler_that_computes_is_upgraded() {
    let config = WebSocketConfig { decision_window: Some(Duration::from_millis(10)), ..Default::default() };
    let client = client(config, |ws: WebSocketConnection| async move {
        let _ws = ws;
        compute().await
    });
    let mut socket = client.connect("/").await;
    socket.set_deadline(Duration::from_secs(15));
    // The 101 alone says little: the transport may still be the HTTP connection's.
    socket.send(Message::Ping("open?".into())).await;
    assert_eq!(socket.recv().await, Some(Message::Pong("open?".into())));
}
