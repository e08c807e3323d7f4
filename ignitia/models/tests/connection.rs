//! The two queues of a connection, their waiters, and its end.

use ignitia_modelled::{
    CloseFrame, Message, Shutdown, StatusCode,
    harness::{self, PeerFrame},
    websocket::{CloseKind, WebSocketConfig},
};
use shuttle::future;

use crate::{connect, explore, listen, spawn, texts};

/// Configuration with one message in either queue, so that every task waits for space.
fn narrow() -> WebSocketConfig {
    WebSocketConfig::default().outbox_messages(1).read_ahead_messages(1)
}

#[test]
fn messages_of_several_threads_arrive_in_the_order_of_each() {
    explore(|| {
        let (mut peer, ws, task) = connect(narrow(), listen);
        let senders = ["a", "b"].map(|name| {
            let ws = ws.clone();
            spawn(async move {
                for n in 0..3 {
                    ws.send_text(format!("{name}{n}")).await.unwrap();
                }
                ws.flush().await.unwrap();
            })
        });
        let closer = spawn(async move {
            for sender in senders {
                sender.join().unwrap();
            }
            ws.close(None).await.unwrap();
            ws.closed().await
        });
        let frames = future::block_on(peer.recv_all());
        for name in ["a", "b"] {
            let own: Vec<&str> = texts(&frames).into_iter().filter(|text| text.starts_with(name)).collect();
            assert_eq!(own, [format!("{name}0"), format!("{name}1"), format!("{name}2")]);
        }
        assert!(closer.join().unwrap().clean);
        future::block_on(task).unwrap();
    });
}

#[test]
fn each_message_goes_to_one_receiver_and_the_end_to_all() {
    explore(|| {
        let (mut peer, ws, task) = connect(narrow(), |ws| async move {
            ws.closed().await;
            StatusCode::OK
        });
        let receivers = [ws.clone(), ws].map(|mut ws| {
            spawn(async move {
                let mut texts = Vec::new();
                while let Some(message) = ws.recv().await {
                    if let Message::Text(text) = message {
                        texts.push(text);
                    }
                }
                texts
            })
        });
        for text in ["1", "2", "3"] {
            peer.send(text);
        }
        peer.close();
        peer.finish();
        assert_eq!(future::block_on(peer.recv_all()), [PeerFrame::Close(Some(1000))]);
        let received = receivers.map(|receiver| receiver.join().unwrap());
        assert!(received.iter().all(|texts| texts.is_sorted()), "{received:?}");
        let mut all = received.concat();
        all.sort();
        assert_eq!(all, ["1", "2", "3"], "each once");
        future::block_on(task).unwrap();
    });
}

/// The closing handshake may complete once the handler has the last message. The reply to it is
/// refused then.
#[test]
fn a_queued_reply_arrives_before_the_answer_to_the_close_frame() {
    explore(|| {
        let (accepted, answers) = std::sync::mpsc::channel();
        let (mut peer, ws, task) = connect(narrow(), |mut ws| async move {
            while let Some(message) = ws.recv().await {
                if let Message::Text(text) = message
                    && ws.send_text(&text).await.is_ok()
                {
                    accepted.send(text).unwrap();
                }
            }
            StatusCode::OK
        });
        let watcher = spawn(async move { ws.closed().await });
        for text in ["1", "2", "3", "4"] {
            peer.send(text);
        }
        peer.close();
        peer.finish();
        let frames = future::block_on(peer.recv_all());
        future::block_on(task).unwrap();
        assert_eq!(frames.last(), Some(&PeerFrame::Close(Some(1000))));
        let answers: Vec<String> = answers.iter().collect();
        assert!(answers.len() >= 3 && texts(&frames) == answers, "{answers:?} {frames:?}");
        let cause = watcher.join().unwrap();
        assert_eq!((cause.kind, cause.clean, cause.unsent), (CloseKind::Peer, true, 0));
    });
}

/// Reading continues once another task has made space, whatever is written at the time.
#[test]
fn another_task_receives_and_sends_through_the_narrowest_queues() {
    explore(|| {
        let (mut peer, ws, task) = connect(narrow(), |ws| async move {
            ws.closed().await;
            StatusCode::OK
        });
        let echo = spawn(async move {
            let mut receiving = ws.clone();
            for _ in 0..4 {
                let Some(message) = receiving.recv().await else { panic!("a message is missing") };
                ws.send(message).await.unwrap();
            }
            ws.close(None).await.unwrap();
        });
        let sent = ["1", "2", "3", "4"];
        for text in sent {
            peer.send(text);
        }
        let frames = future::block_on(peer.recv_all());
        assert_eq!(texts(&frames), sent);
        echo.join().unwrap();
        future::block_on(task).unwrap();
    });
}

/// All waiters receive the same cause and stop waiting, and every accepted message is sent or
/// counted as unsent.
#[test]
fn an_end_from_three_sides_has_one_cause_and_loses_nothing() {
    explore(|| {
        let shutdown = Shutdown::new();
        let (mut peer, ws, task) = harness::connect(narrow(), &shutdown, listen);
        let task = future::spawn(task);
        let sender = {
            let ws = ws.clone();
            spawn(async move {
                let mut accepted = 0;
                while accepted < 4 && ws.send_text(accepted.to_string()).await.is_ok() {
                    accepted += 1;
                }
                accepted
            })
        };
        let closer = {
            let ws = ws.clone();
            let close_frame = CloseFrame { code: 4000, reason: String::new() };
            spawn(async move { ws.close(Some(close_frame)).await.unwrap() })
        };
        let drain = shuttle::thread::spawn(move || shutdown.abort());
        let watchers = [ws.clone(), ws.clone()].map(|ws| spawn(async move { ws.closed().await }));
        let flusher = spawn(async move { ws.flush().await.is_ok() });
        let frames = future::block_on(peer.recv_all());
        let accepted = sender.join().unwrap();
        let [first, second] = watchers.map(|watcher| watcher.join().unwrap());
        assert_eq!(first, second);
        let arrived = texts(&frames).len();
        assert!(arrived + first.unsent >= accepted, "{accepted} accepted, {arrived} arrived, {first:?}");
        assert!((0..arrived).map(|n| n.to_string()).eq(texts(&frames)), "{frames:?}");
        closer.join().unwrap();
        drain.join().unwrap();
        flusher.join().unwrap();
        future::block_on(task).unwrap();
    });
}

/// The runtime drops the connection task at any point.
#[test]
fn all_waiters_are_told_of_a_dropped_task() {
    explore(|| {
        let (peer, ws, task) = connect(narrow(), listen);
        let waiting = [
            spawn({
                let mut ws = ws.clone();
                async move { while ws.recv().await.is_some() {} }
            }),
            spawn({
                let ws = ws.clone();
                async move { while ws.send_text("12345678901234567890").await.is_ok() {} }
            }),
            spawn({
                let ws = ws.clone();
                async move { drop(ws.flush().await) }
            }),
        ];
        let dropper = shuttle::thread::spawn(move || task.abort());
        let cause = future::block_on(ws.closed());
        assert_eq!(cause.kind, CloseKind::Aborted);
        for thread in waiting {
            thread.join().unwrap();
        }
        dropper.join().unwrap();
        drop(peer);
    });
}

/// A cancelled wait leaves no waiter behind, and does not take a wake-up of the others.
#[test]
fn a_cancelled_wait_takes_no_wake_up_of_others() {
    explore(|| {
        let (mut peer, ws, task) = connect(narrow(), listen);
        let cancelled = {
            let ws = ws.clone();
            spawn(async move {
                for _ in 0..2 {
                    let sending = std::pin::pin!(ws.send_text("cancelled"));
                    let mut sending = Some(sending);
                    // Polled once, then dropped.
                    std::future::poll_fn(|cx| {
                        let _ = sending.take().unwrap().as_mut().poll(cx);
                        std::task::Poll::Ready(())
                    })
                    .await;
                }
            })
        };
        let steady = {
            let ws = ws.clone();
            spawn(async move {
                for n in 0..3 {
                    ws.send_text(format!("steady{n}")).await.unwrap();
                }
            })
        };
        let closer = spawn(async move {
            steady.join().unwrap();
            cancelled.join().unwrap();
            ws.close(None).await.unwrap();
        });
        let frames = future::block_on(peer.recv_all());
        let steady = texts(&frames).into_iter().filter(|text| *text != "cancelled");
        assert_eq!(steady.collect::<Vec<_>>(), ["steady0", "steady1", "steady2"]);
        closer.join().unwrap();
        future::block_on(task).unwrap();
    });
}
