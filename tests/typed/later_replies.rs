//! `ReplyTo`: replies that come after the method has returned.

use std::time::Duration;

use ignitia::{ClientMessage, ServerMessage, prelude::*};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::{Instant, sleep},
};

use crate::support::{ask, client, nothing_came, within};

#[derive(Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Ask {
    Slow { millis: u64 },
    Quick,
    Hand { to: String },
}

#[derive(Serialize, ServerMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Told {
    Done { after: u64 },
    Quick,
}

#[derive(Debug)]
struct Failure;

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("hunter2")
    }
}

impl MessageError for Failure {
    fn code(&self) -> &'static str {
        "failure"
    }

    fn public_message(&self) -> std::borrow::Cow<'_, str> {
        "it failed".into()
    }

    fn close(&self) -> Option<CloseFrame> {
        Some(CloseFrame { code: 4001, reason: "failed".into() })
    }
}

type Handed<M> = UnboundedSender<(ReplyTo<M>, WebSocketConnection)>;

fn answer_later<M>(millis: u64, request: ReplyTo<M>, ws: WebSocketConnection)
where
    M: 'static,
    Told: ignitia::Reply<M>,
{
    tokio::spawn(async move {
        sleep(Duration::from_millis(millis)).await;
        ws.reply_to(&request, Told::Done { after: millis }).await.unwrap();
    });
}

struct Session {
    handed: Handed<Told>,
}

#[websocket("/session", message = Ask, reply = Told, id = "id")]
impl Session {
    async fn accept(State(handed): State<Handed<Told>>) -> Self {
        Self { handed }
    }

    #[on(Slow { millis })]
    async fn slow(&mut self, request: ReplyTo<Told>, millis: u64, ws: &WebSocketConnection) {
        answer_later(millis, request, ws.clone());
    }

    #[on(Quick)]
    async fn quick(&mut self) -> Told {
        Told::Quick
    }

    #[on(Hand { to: whom })]
    async fn hand(&mut self, whom: String, to: ReplyTo<Told>, ws: &WebSocketConnection) -> Option<Told> {
        self.handed.send((to, ws.clone())).unwrap();
        (whom == "both").then_some(Told::Quick)
    }
}

#[websocket("/function/<room>", on_message, id = "id")]
async fn function(
    room: String,
    State(_): State<Handed<Told>>,
    request: ReplyTo,
    ws: WebSocketConnection,
    message: Ask,
) -> Option<Told> {
    assert_eq!(room, "x");
    match message {
        Ask::Slow { millis } => answer_later(millis, request, ws),
        Ask::Quick => return Some(Told::Quick),
        Ask::Hand { .. } => {}
    }
    None
}

/// A request that is still to be answered, and its connection.
type Asked = (ReplyTo<Told>, WebSocketConnection);

fn router() -> (Router<Handed<Told>>, UnboundedReceiver<Asked>) {
    let (handed, got) = unbounded_channel();
    (Router::new().state(handed).mount_session::<Session>().mount(function), got)
}

#[tokio::test(start_paused = true)]
async fn a_slow_request_does_not_hold_up_the_next() {
    let (router, _got) = router();
    let client = client(router);
    for path in ["/session", "/function/x"] {
        let mut socket = client.connect(path).await;
        let start = Instant::now();
        socket.send_text(r#"{"type":"slow","millis":3000,"id":1.50}"#).await;
        socket.send_text(r#"{"type":"slow","millis":1000,"id":"two"}"#).await;
        socket.send_text(r#"{"type":"slow","millis":2000}"#).await;
        socket.send_text(r#"{"type":"quick","id":3}"#).await;
        for (seconds, text) in [
            (0, r#"{"id":3,"type":"quick"}"#),
            (1, r#"{"id":"two","type":"done","after":1000}"#),
            (2, r#"{"type":"done","after":2000}"#),
            (3, r#"{"id":1.50,"type":"done","after":3000}"#),
        ] {
            assert_eq!(socket.recv_text().await, text, "{path}");
            assert_eq!(start.elapsed().as_secs(), seconds, "{path}: {text}");
        }
    }
}

#[tokio::test]
async fn a_later_reply_may_be_anything_that_a_method_may_return() {
    let (router, mut got) = router();
    let mut socket = client(router).connect("/session").await;
    // The return value goes out too.
    assert_eq!(
        ask(&mut socket, r#"{"type":"hand","to":"both","id":7}"#).await,
        json!({"type": "quick", "id": 7})
    );
    let (request, ws) = within("the request", got.recv()).await.unwrap();
    assert_eq!(request.as_json(), Some("7"));
    assert_eq!(format!("{request:?}"), r#"ReplyTo(Some("7"))"#);
    ws.reply_to(&request, ()).await.unwrap();
    ws.reply_to(&request, None::<Told>).await.unwrap();
    ws.reply_to(&request, Ok::<_, Failure>(vec![Told::Quick, Told::Done { after: 1 }])).await.unwrap();
    ws.reply_to(&request.clone(), Some(Told::Quick)).await.unwrap();
    for expected in [
        json!({"type": "quick", "id": 7}),
        json!({"type": "done", "after": 1, "id": 7}),
        json!({"type": "quick", "id": 7}),
    ] {
        assert_eq!(socket.recv_json::<Value>().await, expected);
    }
    nothing_came(&mut socket).await;
    ws.reply_to(&request, Err::<Told, _>(Failure)).await.unwrap();
    let error = json!({"type": "$error", "id": 7, "code": "failure", "message": "it failed"});
    assert_eq!(socket.recv_json::<Value>().await, error);
    assert_eq!(socket.expect_close(4001).await.reason, "failed");
    socket.expect_end().await;
    assert!(ws.reply_to(&request, Told::Quick).await.unwrap_err().is_closed());
}

#[tokio::test]
async fn a_request_without_id_is_answered_without_one() {
    let (router, mut got) = router();
    let mut socket = client(router).connect("/session").await;
    for text in [r#"{"type":"hand","to":""}"#, r#"{"type":"hand","to":"","id":null}"#] {
        socket.send_text(text).await;
        let (request, ws) = within("the request", got.recv()).await.unwrap();
        assert_eq!(request.as_json(), None);
        ws.reply_to(&request, Told::Quick).await.unwrap();
        assert_eq!(socket.recv_text().await, r#"{"type":"quick"}"#);
    }
}

#[tokio::test]
async fn a_reply_after_the_end_is_an_error() {
    let (router, mut got) = router();
    let mut socket = client(router).connect("/session").await;
    socket.send_text(r#"{"type":"hand","to":"","id":1}"#).await;
    let (request, ws) = within("the request", got.recv()).await.unwrap();
    socket.reset();
    within("the end", ws.closed()).await;
    assert!(ws.reply_to(&request, Told::Quick).await.unwrap_err().is_closed());
}

#[derive(Serialize, ServerMessage)]
#[serde(tag = "type")]
enum Named {
    Named { id: u8 },
}

#[websocket("/named", on_message, id = "id")]
async fn named(request: ReplyTo, ws: WebSocketConnection, message: Ask) {
    if let Ask::Quick = message {
        let error = ws.reply_to(&request, Named::Named { id: 1 }).await.unwrap_err();
        assert!(error.is_invalid_input(), "{error}");
        ws.reply_to(&request, Told::Quick).await.unwrap();
    }
}

/// The compiler cannot see it: two fields of one name would have two meanings.
#[tokio::test]
async fn a_field_of_the_ids_name_is_refused() {
    let mut socket = client(Router::new().mount(named)).connect("/named").await;
    assert_eq!(ask(&mut socket, r#"{"type":"quick","id":1}"#).await, json!({"type": "quick", "id": 1}));
}
