//! `websocket_message_handler`: a closure that is called once per message.

use std::sync::atomic::{AtomicUsize, Ordering};

use ignitia::{
    prelude::*,
    websocket::{WebSocketConfig, websocket_message_handler},
};
use tokio::sync::mpsc;

use crate::support::{client, next};

/// Returns the outcome that the message names, or continues.
async fn obey(ws: WebSocketConnection, message: Message) -> Response {
    let Message::Text(order) = message else { return Response::ok() };
    match order.as_str() {
        "text" => "not sent".into_response(),
        "json" => Json(json!({ "not": "sent" })).into_response(),
        "frame" => CloseFrame { code: 4001, reason: "as told".into() }.into_response(),
        "error" => {
            Err::<Response, Error>("not an address".parse::<std::net::SocketAddr>().unwrap_err().into())
                .into_response()
        }
        "panic" => panic!("as told"),
        "answer" => {
            ws.send_text("still here").await.ok();
            Response::ok()
        }
        status => (StatusCode::from_bytes(status.as_bytes()).unwrap(), "as told").into_response(),
    }
}

fn obedient() -> Router {
    Router::new().websocket("/ws", websocket_message_handler(obey))
}

#[tokio::test]
async fn types_of_arguments_are_inferred() {
    let handler = websocket_message_handler(|ws, message| async move {
        if let Message::Text(text) = message {
            ws.send_text(text.to_uppercase()).await?;
        }
        Ok::<_, Error>(Response::ok())
    });
    let mut socket = client(Router::new().websocket("/ws", handler)).connect("/ws").await;
    for word in ["one", "two", "three"] {
        socket.send_text(word).await;
    }
    for word in ["ONE", "TWO", "THREE"] {
        assert_eq!(socket.recv_text().await, word);
    }
}

#[tokio::test]
async fn types_of_arguments_may_be_written() {
    let handler = websocket_message_handler(|ws: WebSocketConnection, msg: Message| async move {
        match msg {
            Message::Text(text) => {
                ws.send_text(format!("Got: {text}")).await.ok();
                Response::ok()
            }
            _ => Response::ok(),
        }
    });
    let mut socket = client(Router::new().websocket("/ws", handler)).connect("/ws").await;
    socket.send_text("hello").await;
    assert_eq!(socket.recv_text().await, "Got: hello");
}

#[tokio::test]
async fn the_handler_gets_text_binary_and_a_final_close_but_no_pings_and_pongs() {
    let (seen, mut reports) = mpsc::unbounded_channel();
    let handler = websocket_message_handler(move |_, message| {
        seen.send(message).unwrap();
        async { Response::ok() }
    });
    let client = client(Router::new().websocket("/ws", handler));
    let mut socket = client.connect("/ws").await;
    socket.send(Message::Ping("ping".into())).await;
    socket.send_text("text").await;
    socket.send(Message::Pong("pong".into())).await;
    socket.send_binary(&b"binary"[..]).await;
    socket.close(4000, "the end").await;
    socket.expect_close(4000).await;
    socket.expect_end().await;
    let close = Message::Close(Some(CloseFrame { code: 4000, reason: "the end".into() }));
    for message in [Message::from("text"), Message::Binary("binary".into()), close] {
        assert_eq!(next(&mut reports).await, message);
    }
    // The router owns the only sender: once it is dropped, no report can be missing.
    drop(client);
    assert_eq!(reports.recv().await, None);
}

#[tokio::test]
async fn a_lost_peer_makes_no_close() {
    let (seen, mut reports) = mpsc::unbounded_channel();
    let handler = websocket_message_handler(move |_, message| {
        seen.send(message).unwrap();
        async { Response::ok() }
    });
    let client = client(Router::new().websocket("/ws", handler));
    let mut socket = client.connect("/ws").await;
    socket.send_text("last words").await;
    assert_eq!(next(&mut reports).await, Message::from("last words"));
    drop((socket, client));
    assert_eq!(reports.recv().await, None);
}

#[tokio::test]
async fn an_outcome_that_is_no_refusal_is_not_sent() {
    let mut socket = client(obedient()).connect("/ws").await;
    for order in ["100", "101", "200", "204", "302", "399", "text", "json", "answer"] {
        socket.send_text(order).await;
    }
    assert_eq!(socket.recv_text().await, "still here");
}

#[tokio::test]
async fn a_refusal_ends_the_connection() {
    let client = client(obedient());
    for (order, code, reason) in [
        ("400", 1008, "as told"),
        ("401", 3000, "as told"),
        ("413", 1009, "as told"),
        ("500", 1011, ""),
        ("503", 1013, ""),
        ("frame", 4001, "as told"),
        ("error", 1011, ""),
        ("panic", 1011, ""),
    ] {
        let mut socket = client.connect("/ws").await;
        let mut sibling = client.connect("/ws").await;
        socket.send_text(order).await;
        socket.send_text("answer").await;
        assert_eq!(socket.expect_close(code).await.reason, reason, "{order}");
        socket.expect_end().await;
        sibling.send_text("answer").await;
        assert_eq!(sibling.recv_text().await, "still here");
    }
}

#[tokio::test]
async fn the_outcome_for_the_peers_close_is_not_sent() {
    let handler = websocket_message_handler(|_, message: Message| async move {
        if message.is_close() { Response::internal_error() } else { Response::ok() }
    });
    let mut socket = client(Router::new().websocket("/ws", handler)).connect("/ws").await;
    socket.close(4000, "").await;
    socket.expect_close(4000).await;
    socket.expect_end().await;
}

#[tokio::test(start_paused = true)]
async fn the_upgrade_does_not_wait_for_a_message() {
    let config = WebSocketConfig::default().decision_window(None);
    let started = tokio::time::Instant::now();
    client(obedient().websocket_config(config)).connect("/ws").await;
    assert_eq!(started.elapsed().as_millis(), 0);
}

/// A value that is neither `Clone` nor shared: the handler itself keeps it.
struct Counter(AtomicUsize);

#[tokio::test]
async fn the_closure_need_not_be_clone() {
    let counter = Counter(AtomicUsize::new(0));
    let handler = websocket_message_handler(move |ws, _| {
        let Counter(count) = &counter;
        let count = count.fetch_add(1, Ordering::Relaxed) + 1;
        async move {
            ws.send_json(&count).await.ok();
            "counted"
        }
    });
    let client = client(Router::new().websocket("/ws", handler));
    let (mut one, mut other) = (client.connect("/ws").await, client.connect("/ws").await);
    for (socket, count) in [(&mut one, 1), (&mut other, 2)] {
        socket.send_text("count").await;
        assert_eq!(socket.recv_json::<usize>().await, count);
    }
}

#[tokio::test]
async fn calls_run_one_at_a_time() {
    let (report, mut reports) = mpsc::unbounded_channel();
    let handler = websocket_message_handler(move |_, message: Message| {
        report.send(("begins", message.clone())).unwrap();
        let report = report.clone();
        async move {
            // Gives a call that should not run yet every chance to run.
            tokio::task::yield_now().await;
            report.send(("ends", message)).unwrap();
            Response::ok()
        }
    });
    let mut socket = client(Router::new().websocket("/ws", handler)).connect("/ws").await;
    socket.send_text("1").await;
    socket.send_text("2").await;
    for expected in [
        ("begins", Message::from("1")),
        ("ends", Message::from("1")),
        ("begins", Message::from("2")),
        ("ends", Message::from("2")),
    ] {
        assert_eq!(next(&mut reports).await, expected);
    }
}
