//! Clones of a connection: many tasks may send, and several may even receive.

use std::sync::Arc;

use ignitia::prelude::*;
use tokio::{sync::mpsc, task::JoinSet};

use crate::support::{client, next};

#[tokio::test]
async fn messages_of_many_tasks_arrive_whole_and_in_the_order_of_each() {
    async fn crowd(ws: WebSocketConnection) -> Result<Response> {
        let mut tasks: JoinSet<Result<()>> = JoinSet::new();
        for task in 0..10_u8 {
            let ws = ws.clone();
            tasks.spawn(async move {
                for n in 0..20_u8 {
                    ws.send_json(&(task, n)).await?;
                }
                Ok(())
            });
        }
        while let Some(sent) = tasks.join_next().await {
            sent.expect("no task panics")?;
        }
        Ok(Response::ok())
    }
    let mut socket = client(Router::new().websocket("/ws", crowd)).connect("/ws").await;
    let mut expected = [0; 10];
    for _ in 0..200 {
        let (task, n): (u8, u8) = socket.recv_json().await;
        assert_eq!(n, expected[usize::from(task)]);
        expected[usize::from(task)] += 1;
    }
    assert_eq!(expected, [20; 10]);
    socket.expect_close(1000).await;
}

#[tokio::test]
async fn each_message_goes_to_exactly_one_receiver() {
    let (report, mut reports) = mpsc::unbounded_channel();
    let router = Router::new().websocket("/ws", move |ws: WebSocketConnection| {
        let report = report.clone();
        async move {
            let mut receivers = JoinSet::new();
            for _ in 0..3 {
                let (mut ws, report) = (ws.clone(), report.clone());
                receivers.spawn(async move {
                    while let Some(message) = ws.recv().await {
                        report.send(message).unwrap();
                    }
                });
            }
            receivers.join_all().await;
            Response::ok()
        }
    });
    let client = client(router);
    let mut socket = client.connect("/ws").await;
    for n in 0..50 {
        socket.send_text(format!("{n:02}")).await;
    }
    socket.send(Message::Close(None)).await;
    socket.expect_close(1005).await;
    drop((client, socket));
    let mut received = Vec::new();
    while let Some(message) = reports.recv().await {
        received.push(message);
    }
    received.sort_by_key(|message| (message.is_close(), message.as_text().map(str::to_owned)));
    let mut sent: Vec<Message> = (0..50).map(|n| Message::from(format!("{n:02}"))).collect();
    sent.push(Message::Close(None));
    assert_eq!(received, sent);
}

#[tokio::test]
async fn a_task_may_receive_while_the_handler_waits_for_it() {
    async fn hands_over(mut ws: WebSocketConnection) -> Result<Response> {
        let sender = ws.clone();
        let receiver = tokio::spawn(async move {
            let mut count = 0_usize;
            while let Some(Message::Text(_)) = ws.recv().await {
                count += 1;
            }
            count
        });
        sender.send_text("ready").await?;
        let count = receiver.await.expect("no task panics");
        Ok(CloseFrame { code: 4000, reason: format!("{count} messages") }.into_response())
    }
    let mut socket = client(Router::new().websocket("/ws", hands_over)).connect("/ws").await;
    assert_eq!(socket.recv_text().await, "ready");
    socket.send_text("1").await;
    socket.send_text("2").await;
    socket.send_binary(&b"no text"[..]).await;
    assert_eq!(socket.expect_close(4000).await.reason, "2 messages");
}

#[tokio::test]
async fn a_handle_that_is_kept_is_closed_after_the_handler() {
    let (keep, mut kept) = mpsc::unbounded_channel();
    let router = Router::new().websocket("/ws", move |ws: WebSocketConnection| {
        let keep = keep.clone();
        async move {
            keep.send(ws.clone()).unwrap();
            ws.send_text("bye").await?;
            Ok::<_, Error>(Response::ok())
        }
    });
    let mut socket = client(router).connect("/ws").await;
    let mut kept = next(&mut kept).await;
    assert_eq!(socket.recv_text().await, "bye");
    socket.send_text("too late").await;
    socket.expect_close(1000).await;
    socket.expect_end().await;
    assert!(kept.is_closed());
    assert!(kept.send_text("hello?").await.is_err_and(|error| error.is_closed()));
    assert!(kept.try_send("hello?".into()).is_err_and(|error| error.is_closed()));
    assert_eq!(kept.recv().await, None);
    assert!(kept.close(None).await.is_ok());
    assert!(kept.closed().await.clean);
}

#[tokio::test]
async fn a_receiver_in_another_task_learns_of_the_end_of_the_handler() {
    let (report, mut reports) = mpsc::unbounded_channel();
    let router = Router::new().websocket("/ws", move |ws: WebSocketConnection| {
        let (mut clone, report) = (ws.clone(), report.clone());
        tokio::spawn(async move { report.send(clone.recv().await) });
        async move {
            ws.accept().await?;
            Ok::<_, Error>("done")
        }
    });
    let mut socket = client(router).connect("/ws").await;
    socket.expect_close(1000).await;
    assert_eq!(next(&mut reports).await, None);
}

/// Programs rely on this when they put connections into maps and tasks.
#[test]
fn a_connection_may_be_sent_to_other_threads_and_shared() {
    fn everywhere<T: Clone + Send + Sync + 'static>() {}
    everywhere::<WebSocketConnection>();
    everywhere::<Arc<tokio::sync::RwLock<Vec<WebSocketConnection>>>>();
}
