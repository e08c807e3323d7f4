//! All kinds of messages, in both directions.

use std::borrow::Cow;

use bytes::{Bytes, BytesMut};
use ignitia::prelude::*;
use tokio::sync::mpsc;

use crate::support::{client, next};

static TABLE: [u8; 3] = [1, 2, 3];

#[allow(clippy::needless_borrows_for_generic_args, reason = "what is lent has to be taken too")]
async fn send_everything(ws: WebSocketConnection) -> Result<Response> {
    ws.send_text("a str").await?;
    ws.send_text("a String".to_string()).await?;
    let lent = "a lent String".to_string();
    ws.send_text(&lent).await?;
    drop(lent);
    ws.send_text(Cow::Borrowed("a Cow")).await?;
    ws.send(Message::Text("a message".to_string())).await?;
    ws.send("into a message".into()).await?;
    ws.send_binary(vec![1]).await?;
    ws.send_binary(b"literal").await?;
    ws.send_binary(Bytes::from_static(b"Bytes")).await?;
    ws.send_binary(BytesMut::from(&b"BytesMut"[..])).await?;
    ws.send_binary(&TABLE[..2]).await?;
    ws.send(Message::Binary(Bytes::from(vec![2]))).await?;
    ws.send_ping(b"ping").await?;
    ws.send_ping(b"").await?;
    ws.send_ping([1, 2]).await?;
    ws.send_ping("text").await?;
    ws.send(Message::Ping("message".into())).await?;
    ws.send_pong(b"pong").await?;
    ws.send_pong(vec![3]).await?;
    ws.send(Message::Pong("message".into())).await?;
    ws.send(Message::Close(Some(CloseFrame { code: 4000, reason: "that was all".into() }))).await?;
    Ok(Response::ok())
}

#[tokio::test]
async fn every_kind_of_message_is_sent_in_order() {
    let mut socket = client(Router::new().websocket("/ws", send_everything)).connect("/ws").await;
    for expected in ["a str", "a String", "a lent String", "a Cow", "a message", "into a message"] {
        assert_eq!(socket.recv().await, Some(Message::from(expected)));
    }
    for expected in [&[1][..], b"literal", b"Bytes", b"BytesMut", &[1, 2], &[2]] {
        assert_eq!(socket.recv().await, Some(Message::Binary(Bytes::copy_from_slice(expected))));
    }
    for expected in [&b"ping"[..], b"", &[1, 2], b"text", b"message"] {
        assert_eq!(socket.recv().await, Some(Message::Ping(Bytes::copy_from_slice(expected))));
    }
    for expected in [&b"pong"[..], &[3], b"message"] {
        assert_eq!(socket.recv().await, Some(Message::Pong(Bytes::copy_from_slice(expected))));
    }
    let frame = CloseFrame { code: 4000, reason: "that was all".into() };
    assert_eq!(socket.recv().await, Some(Message::Close(Some(frame))));
    socket.expect_end().await;
}

#[tokio::test]
async fn every_kind_of_message_is_received_in_order() {
    let (received, mut reports) = mpsc::unbounded_channel();
    let router = Router::new().websocket("/ws", move |mut ws: WebSocketConnection| {
        let received = received.clone();
        async move {
            while let Some(message) = ws.recv().await {
                received.send(message).unwrap();
            }
            Response::ok()
        }
    });
    let messages = [
        Message::from("text"),
        Message::from(""),
        Message::Binary("binary".into()),
        Message::Binary(Bytes::new()),
        Message::Ping("ping".into()),
        Message::Pong("pong".into()),
        Message::Close(Some(CloseFrame { code: 1000, reason: "bye".into() })),
    ];
    let mut socket = client(router).connect("/ws").await;
    for message in &messages {
        socket.send(message.clone()).await;
    }
    for message in messages {
        assert_eq!(next(&mut reports).await, message);
    }
}

#[tokio::test]
async fn a_received_ping_was_already_answered() {
    async fn report_pings(mut ws: WebSocketConnection) -> Result<Response> {
        while let Some(message) = ws.recv().await {
            if let Message::Ping(payload) = message {
                ws.send_text(format!("received {payload:?}")).await?;
            }
        }
        Ok(Response::ok())
    }
    let mut socket = client(Router::new().websocket("/ws", report_pings)).connect("/ws").await;
    socket.send(Message::Ping("are you there?".into())).await;
    assert_eq!(socket.recv().await, Some(Message::Pong("are you there?".into())));
    assert_eq!(socket.recv_text().await, r#"received b"are you there?""#);
}

#[tokio::test]
async fn a_message_tells_its_kind() {
    let (text, binary) = (Message::from("text"), Message::Binary("binary".into()));
    assert_eq!((text.as_text(), text.as_binary(), text.is_data()), (Some("text"), None, true));
    assert_eq!(
        (binary.as_text(), binary.as_binary(), binary.is_data()),
        (None, Some(&"binary".into()), true)
    );
    let (ping, close) = (Message::Ping(Bytes::new()), Message::Close(None));
    assert!(!ping.is_data() && !ping.is_close() && !close.is_data() && close.is_close());
}
