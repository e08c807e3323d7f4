//! `TypedConnection`: typed messages in a loop of the caller.

use std::{borrow::Cow, fmt};

use ignitia::{ClientMessage, Malformed, ServerMessage, TypedConnection, prelude::*, websocket::CloseKind};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::mpsc::unbounded_channel;

use crate::support::{ask, client, nothing_came};

#[derive(Debug, PartialEq, Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum In {
    Say { text: String },
    Leave,
}

#[derive(Debug, Serialize, ServerMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Out {
    Said { text: String },
    Greeting { room: String, id: String },
}

struct Quiet;

impl fmt::Display for Quiet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("hunter2")
    }
}

impl MessageError for Quiet {
    fn code(&self) -> &'static str {
        "quiet"
    }

    fn public_message(&self) -> Cow<'_, str> {
        "be quiet".into()
    }

    fn close(&self) -> Option<CloseFrame> {
        Some(CloseFrame { code: 4000, reason: "not by itself".into() })
    }
}

type Chat = TypedConnection<In, Out>;

#[websocket("/rooms/<room>")]
async fn chat(room: String, State(greeting): State<&'static str>, mut ws: Chat) -> Result<Response> {
    ws.send(&Out::Greeting { room: format!("{greeting} {room}"), id: ws.id().to_string() }).await?;
    while let Some(message) = ws.recv().await {
        match message {
            Ok(In::Say { text }) if text.is_empty() => ws.send_error(&Quiet).await?,
            Ok(In::Say { text }) => ws.send(&Out::Said { text }).await?,
            Ok(In::Leave) => return Ok(Response::forbidden("left")),
            Err(malformed) => ws.send_error(&malformed).await?,
        }
    }
    Ok(Response::ok())
}

#[tokio::test]
async fn a_conversation_is_typed_in_both_directions() {
    let client = client(Router::new().state("hello").mount(chat));
    let mut socket = client.connect("/rooms/a%20b").await;
    let greeting: Value = socket.recv_json().await;
    assert_eq!((&greeting["type"], &greeting["room"]), (&"greeting".into(), &"hello a b".into()));
    socket.send(Message::Ping("x".into())).await;
    assert!(matches!(socket.recv().await, Some(Message::Pong(_))));
    assert_eq!(
        ask(&mut socket, r#"{"type":"say","text":"hi"}"#).await,
        json!({"type": "said", "text": "hi"})
    );
    // The caller decides about the frame of the error.
    let error = json!({"type": "$error", "code": "quiet", "message": "be quiet"});
    assert_eq!(ask(&mut socket, r#"{"type":"say","text":""}"#).await, error);
    // The caller has to count malformed messages itself.
    let missing = json!({
        "type": "$error", "code": "missing_field", "path": "text", "message": "`text` is missing", "expected": ["text"],
    });
    for _ in 0..30 {
        assert_eq!(ask(&mut socket, r#"{"type":"say"}"#).await, missing);
    }
    socket.send_binary(&b"\0"[..]).await;
    let binary = json!({"type": "$error", "code": "binary", "message": "messages are JSON text, not binary"});
    assert_eq!(socket.recv_json::<Value>().await, binary);
    nothing_came(&mut socket).await;
    socket.send_text(r#"{"type":"leave"}"#).await;
    assert_eq!(socket.expect_close(3003).await.reason, "left");
}

#[tokio::test]
async fn malformed_describes_the_fault() {
    let (log, mut seen) = unbounded_channel::<Result<In, Malformed>>();
    let router = Router::new().websocket("/", move |ws: WebSocketConnection| {
        let log = log.clone();
        async move {
            let mut ws: Chat = ws.into();
            while let Some(message) = ws.recv().await {
                log.send(message).unwrap();
            }
            Response::ok()
        }
    });
    let mut socket = client(router).connect("/").await;
    for text in [r#"{"type":"leave"}"#, "", r#"{"type":"say","text":7}"#, r#"{"text":"","type":"?"}"#] {
        socket.send_text(text).await;
    }
    assert_eq!(seen.recv().await.unwrap().unwrap(), In::Leave);
    let empty = seen.recv().await.unwrap().unwrap_err();
    assert_eq!((empty.code(), empty.path(), empty.message()), ("invalid_json", "", "the message is empty"));
    assert!(empty.expected().is_empty());
    assert_eq!(empty.to_string(), "invalid_json: the message is empty");
    let number = seen.recv().await.unwrap().unwrap_err();
    assert_eq!(
        (number.code(), number.path(), number.expected()),
        ("invalid_type", "text", &["a string".to_owned()][..])
    );
    assert_eq!(number.to_string(), "invalid_type: the value must be a string (at text)");
    let unknown = seen.recv().await.unwrap().unwrap_err();
    assert_eq!((unknown.code(), unknown.path()), ("unknown_tag", "type"));
    assert_eq!(unknown.expected(), ["say", "leave"]);
    socket.close(1000, "").await;
    socket.expect_close(1000).await;
    assert!(seen.recv().await.is_none());
}

/// The other methods are those of the connection.
#[tokio::test]
async fn the_other_methods_are_those_of_the_connection() {
    let (log, mut ends) = unbounded_channel();
    let router = Router::new().websocket("/", move |ws: WebSocketConnection| {
        let log = log.clone();
        async move {
            let typed: TypedConnection<In, Out> = ws.clone().into();
            typed.accept().await.unwrap();
            assert_eq!((typed.id(), typed.get_ref().id()), (ws.id(), ws.id()));
            assert!(!typed.is_closed());
            assert!(!format!("{typed:?}").is_empty());
            let clone = typed.clone();
            clone.send(&Out::Said { text: "by a clone".into() }).await.unwrap();
            typed.get_ref().send_text("by hand").await.unwrap();
            let wrong = CloseFrame { code: 1005, reason: String::new() };
            assert!(typed.close(Some(wrong)).await.unwrap_err().is_invalid_input());
            typed.close(Some(CloseFrame { code: 4000, reason: "done".into() })).await.unwrap();
            assert!(typed.is_closed() && clone.is_closed());
            assert!(clone.send(&Out::Said { text: String::new() }).await.unwrap_err().is_closed());
            assert!(clone.send_error(&Quiet).await.unwrap_err().is_closed());
            log.send(typed.closed().await).unwrap();
            Response::ok()
        }
    });
    let mut socket = client(router).connect("/").await;
    assert_eq!(socket.recv_json::<Value>().await["text"], "by a clone");
    assert_eq!(socket.recv_text().await, "by hand");
    socket.expect_close(4000).await;
    socket.expect_end().await;
    let cause = ends.recv().await.unwrap();
    assert_eq!((cause.kind, cause.clean), (CloseKind::Local, true));
}

/// A message that cannot be encoded is the caller's error, and nothing is sent.
#[tokio::test]
async fn a_message_that_cannot_be_encoded_is_an_error() {
    #[derive(Serialize, ServerMessage)]
    #[serde(tag = "type")]
    enum Odd {
        Map { map: std::collections::HashMap<Vec<u8>, u8> },
    }
    let router = Router::new().websocket("/", |ws: WebSocketConnection| async move {
        let ws: TypedConnection<In, Odd> = ws.into();
        let error = ws.send(&Odd::Map { map: [(vec![1], 2)].into() }).await.unwrap_err();
        assert!(error.is_json(), "{error}");
        ws.send(&Odd::Map { map: [].into() }).await.unwrap();
        Response::ok()
    });
    let mut socket = client(router).connect("/").await;
    assert_eq!(socket.recv_text().await, r#"{"type":"Map","map":{}}"#);
    socket.expect_close(1000).await;
}

/// A cancelled receive loses nothing.
#[tokio::test]
async fn dropped_receives_lose_no_message() {
    use futures_util::FutureExt;
    #[websocket("/")]
    async fn impatient(mut ws: TypedConnection<In, Out>) -> Result<Response> {
        ws.accept().await?;
        loop {
            if let Some(message) = ws.recv().now_or_never() {
                match message {
                    Some(Ok(In::Say { text })) => ws.send(&Out::Said { text }).await?,
                    Some(_) => panic!("malformed"),
                    None => return Ok(Response::ok()),
                }
            }
            tokio::task::yield_now().await;
        }
    }
    let mut socket = client(Router::new().mount(impatient)).connect("/").await;
    for number in 0..200 {
        socket.send_text(format!(r#"{{"type":"say","text":"{number}"}}"#)).await;
    }
    for number in 0..200 {
        assert_eq!(socket.recv_json::<Value>().await["text"], number.to_string());
    }
    socket.close(1000, "").await;
    socket.expect_close(1000).await;
}
