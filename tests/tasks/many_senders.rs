//! Sends from many tasks through clones of one connection.

use ignitia::{prelude::*, websocket::WebSocketConfig};

use crate::support::client_of;

const TASKS: usize = 100;
const SENDS: usize = 1_000;

/// The handler waits in `recv` all the while.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_tasks_may_send_a_thousand_messages_each() {
    let client = client_of(WebSocketConfig::default(), |mut ws: WebSocketConnection| async move {
        for task in 0..TASKS {
            let ws = ws.clone();
            tokio::spawn(async move {
                for number in 0..SENDS {
                    ws.send_text(format!("{task} {number} {}", "x".repeat(number % 50))).await.unwrap();
                }
            });
        }
        while ws.recv().await.is_some() {}
        Response::ok()
    });
    let mut socket = client.connect("/").await;
    let mut next = [0; TASKS];
    for _ in 0..TASKS * SENDS {
        let text = socket.recv_text().await;
        let mut parts = text.split(' ');
        let mut number = || parts.next().unwrap().parse::<usize>().unwrap();
        let (task, number) = (number(), number());
        assert_eq!(number, next[task], "task {task}");
        assert_eq!(parts.next().unwrap().len(), number % 50, "the message is not intact");
        next[task] += 1;
    }
    assert_eq!(next, [SENDS; TASKS]);
    socket.close(1000, "").await;
    socket.expect_close(1000).await;
}

/// Each message goes to exactly one of the receiving clones, and none waits for ever.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clones_that_receive_share_the_messages() {
    const MESSAGES: usize = 2_000;
    let client = client_of(WebSocketConfig::default(), |ws: WebSocketConnection| async move {
        let mut receivers = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let mut ws = ws.clone();
            receivers.spawn(async move {
                let mut got = Vec::new();
                while let Some(message) = ws.recv().await {
                    got.extend(message.as_text().map(|text| text.parse::<usize>().unwrap()));
                    if got.len() % 7 == 0 {
                        tokio::task::yield_now().await;
                    }
                }
                got
            });
        }
        let mut all: Vec<usize> = receivers.join_all().await.concat();
        all.sort_unstable();
        assert_eq!(all, (0..MESSAGES).collect::<Vec<_>>());
        CloseFrame { code: 4000, reason: String::new() }
    });
    let mut socket = client.connect("/").await;
    for number in 0..MESSAGES {
        socket.send_text(number.to_string()).await;
    }
    socket.close(1000, "all").await;
    socket.expect_close(1000).await;
}
