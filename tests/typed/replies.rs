//! Return types of endpoints, and the messages that are sent for them.

use std::convert::Infallible;

use ignitia::{ClientMessage, Reply, ServerMessage, prelude::*};
use serde::{Deserialize, Serialize, Serializer, ser::Error as _};
use serde_json::Value;

use crate::support::{ask, client, nothing_came, text};

#[derive(Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum In {
    Count { to: u32 },
    End,
    Ok,
}

#[derive(Debug, Serialize, ServerMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Out {
    Number {
        number: u32,
    },
    #[serde(serialize_with = "fails")]
    Unwritable,
}

fn fails<S: Serializer>(_: S) -> Result<S::Ok, S::Error> {
    Err(S::Error::custom("on purpose"))
}

fn number(number: u32) -> Out {
    Out::Number { number }
}

fn bye() -> CloseFrame {
    CloseFrame { code: 4001, reason: "bye".into() }
}

/// Declares endpoints that answer `Count` with a value, and `End` with a frame where they can.
macro_rules! endpoints {
    ($($name:ident $path:literal $reply:ty: |$to:ident| $count:expr, $end:expr;)*) => {
        $(
            #[websocket($path, on_message)]
            async fn $name(message: In) -> $reply {
                match message {
                    In::Count { to: $to } => $count,
                    In::End | In::Ok => $end,
                }
            }
        )*

        fn router() -> Router {
            Router::new()$(.mount($name))*
        }
    };
}

endpoints! {
    nothing "/nothing" (): |_to| (), ();
    one "/one" Out: |to| number(to), number(0);
    some "/some" Option<Out>: |to| (to > 0).then(|| number(to)), None;
    list "/list" Vec<Out>: |to| (0..to).map(number).collect(), Vec::new();
    frame "/frame" CloseFrame: |to| CloseFrame { code: 4000, reason: to.to_string() }, bye();
    some_frame "/some_frame" Option<CloseFrame>: |_to| None, Some(bye());
    result "/result" Result<Out>: |to| Ok(number(to)), Err(std::io::Error::other("secret").into());
    result_nothing "/result_nothing" Result<()>: |_to| Ok(()), Err(std::io::Error::other("secret").into());
    result_some "/result_some" Result<Option<Out>>: |to| Ok((to > 0).then(|| number(to))), Ok(None);
    result_list "/result_list" Result<Vec<Out>>: |to| Ok((0..to).map(number).collect()), Ok(Vec::new());
    result_frame "/result_frame" Result<CloseFrame>: |to| Ok(CloseFrame { code: 4000, reason: to.to_string() }), Ok(bye());
    infallible "/infallible" Result<Out, Infallible>: |to| Ok(number(to)), Ok(number(0));
    list_of_some "/list_of_some" Vec<Option<Out>>:
        |to| (0..to).map(|n| (n % 2 == 0).then(|| number(n))).collect(), Vec::new();
    list_of_results "/list_of_results" Vec<Result<Out>>:
        |to| (0..to).map(|n| Ok(number(n))).collect(),
        vec![Ok(number(1)), Err(std::io::Error::other("secret").into()), Ok(number(2))];
    unwritable "/unwritable" Vec<Out>: |_to| vec![number(1), Out::Unwritable, number(2)], vec![];
    unsendable "/unsendable" CloseFrame:
        |to| CloseFrame { code: to as u16, reason: "never".into() }, bye();
    long_reason "/long_reason" CloseFrame: |to| CloseFrame { code: 4000, reason: "ü".repeat(to as usize) }, bye();
}

#[websocket("/opaque_message", on_message)]
async fn opaque_message(_message: In) -> impl ServerMessage {
    number(1)
}

#[websocket("/opaque_reply", on_message)]
async fn opaque_reply(_message: In) -> impl Reply {
    vec![number(1)]
}

/// Without a return type: no reply.
#[websocket("/silent", on_message)]
async fn silent(ws: WebSocketConnection, _message: In) {
    ws.send_text("by hand").await.unwrap();
}

const END: &str = r#"{"type":"end"}"#;

fn count(to: u32) -> String {
    format!(r#"{{"type":"count","to":{to}}}"#)
}

#[tokio::test]
async fn every_kind_of_reply_is_sent() {
    let client = client(router().mount(opaque_message).mount(opaque_reply).mount(silent));
    let numbers = |numbers: &[u32]| -> Vec<Value> {
        numbers.iter().map(|number| json!({"type": "number", "number": number})).collect()
    };
    for (path, expected) in [
        ("/nothing", numbers(&[])),
        ("/one", numbers(&[3])),
        ("/some", numbers(&[3])),
        ("/list", numbers(&[0, 1, 2])),
        ("/some_frame", numbers(&[])),
        ("/result", numbers(&[3])),
        ("/result_nothing", numbers(&[])),
        ("/result_some", numbers(&[3])),
        ("/result_list", numbers(&[0, 1, 2])),
        ("/infallible", numbers(&[3])),
        ("/list_of_some", numbers(&[0, 2])),
        ("/list_of_results", numbers(&[0, 1, 2])),
        ("/opaque_message", numbers(&[1])),
        ("/opaque_reply", numbers(&[1])),
    ] {
        let mut socket = client.connect(path).await;
        socket.send_text(count(3)).await;
        for expected in expected {
            assert_eq!(socket.recv_json::<Value>().await, expected, "{path}");
        }
        nothing_came(&mut socket).await;
    }
    for path in ["/some", "/list", "/result_some", "/result_list", "/list_of_some"] {
        let mut socket = client.connect(path).await;
        socket.send_text(count(0)).await;
        nothing_came(&mut socket).await;
    }
    let mut socket = client.connect("/silent").await;
    socket.send_text(END).await;
    assert_eq!(socket.recv_text().await, "by hand");
    nothing_came(&mut socket).await;
}

#[tokio::test]
async fn a_close_frame_is_sent_and_ends_the_connection() {
    let client = client(router());
    for path in ["/frame", "/some_frame", "/result_frame"] {
        let mut socket = client.connect(path).await;
        // Messages behind it are not handled.
        socket.send_bytes(&[text(END), text(END), text(&count(1))].concat()).await;
        assert_eq!(socket.expect_close(4001).await.reason, "bye", "{path}");
        socket.expect_end().await;
    }
    for code in [0, 999, 1004, 1005, 1006, 1015, 2999, 5000] {
        let mut socket = client.connect("/unsendable").await;
        socket.send_text(count(code)).await;
        assert_eq!(socket.expect_close(1011).await.reason, "");
    }
    let mut socket = client.connect("/long_reason").await;
    socket.send_text(count(100)).await;
    assert_eq!(socket.expect_close(4000).await.reason, "ü".repeat(61));
}

#[tokio::test]
async fn errors_of_ignitia_close_the_connection() {
    let client = client(router());
    let error = json!({"type": "$error", "code": "internal", "message": "something went wrong"});
    for path in ["/result", "/result_nothing"] {
        let mut socket = client.connect(path).await;
        assert_eq!(ask(&mut socket, END).await, error, "{path}");
        assert_eq!(socket.expect_close(1011).await.reason, "");
    }
    let mut socket = client.connect("/list_of_results").await;
    assert_eq!(ask(&mut socket, END).await["number"], 1);
    assert_eq!(socket.recv_json::<Value>().await, error);
    // Nothing goes out behind the end.
    socket.expect_close(1011).await;
}

#[tokio::test]
async fn a_reply_that_cannot_be_encoded_closes() {
    let mut socket = client(router()).connect("/unwritable").await;
    assert_eq!(ask(&mut socket, count(1)).await["number"], 1);
    assert_eq!(socket.expect_close(1011).await.reason, "");
}

/// A list that is longer than the queue waits for the peer, and stays in order.
#[tokio::test]
async fn more_replies_than_fit_into_the_queue_wait_for_the_peer() {
    let mut socket = client(router()).connect("/list").await;
    socket.send_text(count(20_000)).await;
    socket.send_text(count(1)).await;
    for number in (0..20_000).chain([0]) {
        assert_eq!(socket.recv_json::<Value>().await["number"], number);
    }
    nothing_came(&mut socket).await;
}

struct Session;

#[websocket("/session", message = In)]
impl Session {
    async fn accept() -> Self {
        Self
    }

    /// Before any message.
    async fn on_open(&mut self) -> Vec<Out> {
        vec![number(100), number(101)]
    }

    #[on(Count { to })]
    async fn count(&mut self, to: u32, ws: &WebSocketConnection) -> impl Reply {
        ws.send_json(&number(0)).await.unwrap();
        Some(number(to))
    }

    #[on(End)]
    async fn end(&mut self) -> Result<CloseFrame> {
        Ok(bye())
    }

    #[on(Ok)]
    async fn ok(&mut self) {}
}

#[tokio::test]
async fn every_method_of_a_session_has_its_own_kind_of_reply() {
    let mut socket = client(Router::new().mount_session::<Session>()).connect("/session").await;
    let mut numbers = Vec::new();
    socket.send_text(r#"{"type":"ok"}"#).await;
    socket.send_text(count(7)).await;
    for _ in 0..4 {
        numbers.push(socket.recv_json::<Value>().await["number"].as_u64().unwrap());
    }
    assert_eq!(numbers, [100, 101, 0, 7]);
    socket.send_text(END).await;
    assert_eq!(socket.expect_close(4001).await.reason, "bye");
}
