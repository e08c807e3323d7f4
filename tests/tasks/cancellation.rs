//! Futures of `recv` and `send` that are dropped half-way: no message is lost, doubled or
//! reordered.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
};

use ignitia::{prelude::*, websocket::WebSocketConfig};
use tokio::sync::mpsc::unbounded_channel;

use crate::support::{Dice, client_of, echo};

const CANCELLATIONS: usize = 10_000;

/// Polls a future at most so many times, yielding to the connection task in between, and then drops
/// it.
async fn poll_at_most<F: Future>(future: F, polls: usize) -> Option<F::Output> {
    let mut future = pin!(future);
    for poll in 0..polls {
        if poll > 0 {
            tokio::task::yield_now().await;
        }
        let polled = poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx))).await;
        if let Poll::Ready(output) = polled {
            return Some(output);
        }
    }
    None
}

#[tokio::test]
async fn dropped_receives_lose_no_message() {
    let (log, mut cancelled) = unbounded_channel();
    let client = client_of(WebSocketConfig::default(), move |ws: WebSocketConnection| {
        let log = log.clone();
        // One half in the task of the handler, the other in another task: two different ways to
        // wait.
        async move {
            let receive = |mut ws: WebSocketConnection, mut dice: Dice, rounds: usize| async move {
                let mut dropped = 0;
                while dropped < rounds {
                    match poll_at_most(ws.recv(), 1 + dice.roll(3)).await {
                        Some(Some(message)) => ws.send(message).await.unwrap(),
                        Some(None) => panic!("the connection ended after {dropped} cancellations"),
                        None => {
                            dropped += 1;
                            tokio::task::yield_now().await;
                        }
                    }
                }
                dropped
            };
            let here = receive(ws.clone(), Dice(1), CANCELLATIONS / 2).await;
            let elsewhere = tokio::spawn(receive(ws.clone(), Dice(2), CANCELLATIONS / 2)).await.unwrap();
            log.send(here + elsewhere).unwrap();
            echo(ws).await
        }
    });
    let mut socket = client.connect("/").await;
    let mut dice = Dice(3);
    let (mut sent, mut received) = (0, 0);
    while received < sent || cancelled.is_empty() {
        for _ in 0..dice.roll(4) {
            socket.send_text(sent.to_string()).await;
            sent += 1;
        }
        while received < sent {
            assert_eq!(socket.recv_text().await, received.to_string());
            received += 1;
        }
        tokio::task::yield_now().await;
    }
    assert_eq!(cancelled.recv().await, Some(CANCELLATIONS));
    assert!(sent > 100, "only {sent} messages went through");
}

#[tokio::test]
async fn dropped_sends_queue_no_message() {
    let config = WebSocketConfig::default().outbox_messages(2);
    let (log, mut sent) = unbounded_channel();
    let client = client_of(config, move |ws: WebSocketConnection| {
        let log = log.clone();
        async move {
            ws.accept().await.unwrap();
            let (mut dropped, mut number) = (0, 0);
            let mut dice = Dice(4);
            while dropped < CANCELLATIONS {
                // The queue is filled first, so that the next send has to wait and can be dropped.
                while ws.try_send(Message::Text(number.to_string())).is_ok() {
                    number += 1;
                }
                match poll_at_most(ws.send_text(number.to_string()), 1 + dice.roll(3)).await {
                    Some(result) => {
                        result.unwrap();
                        number += 1;
                    }
                    None => dropped += 1,
                }
            }
            log.send(number).unwrap();
            Response::ok()
        }
    });
    let mut socket = client.connect("/").await;
    let mut received = 0;
    loop {
        match socket.recv().await.unwrap() {
            Message::Text(text) => assert_eq!(text, received.to_string()),
            Message::Close(frame) => {
                assert_eq!(frame.unwrap().code, 1000);
                break;
            }
            other => panic!("{other:?}"),
        }
        received += 1;
    }
    assert_eq!(sent.recv().await, Some(received));
    assert!(received > 1_000, "only {received} messages went through");
}
