//! `Events` and `on_event`: events that other tasks send to a session.

use std::time::Duration;

use ignitia::{
    ClientMessage, ServerMessage,
    prelude::*,
    testing::TestClient,
    websocket::{CloseCause, CloseKind},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::{Instant, sleep, timeout},
};

use crate::support::{client, close, everywhere, text, within};

#[derive(Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Ask {
    Say { number: u32 },
    Wait { millis: u64 },
    Tell { number: u32 },
}

#[derive(Debug, Serialize, ServerMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Told {
    Said { number: u32 },
    Heard { number: u32 },
    Waited,
}

/// The type of events is private, and the session need not be.
#[derive(Debug)]
enum News {
    Number(u32),
    Slow(u64),
    Quiet,
    Close,
}

type Handles = UnboundedSender<ignitia::Events<News>>;

pub(crate) struct Listening {
    events: ignitia::Events<News>,
    is_busy: bool,
    causes: UnboundedSender<CloseCause>,
}

#[websocket("/listening", message = Ask, reply = Told, id = "id")]
impl Listening {
    async fn accept(
        State((handles, causes)): State<(Handles, UnboundedSender<CloseCause>)>,
        events: ignitia::Events<News>,
    ) -> Self {
        handles.send(events.clone()).unwrap();
        Self { events, is_busy: false, causes }
    }

    #[on(Say { number })]
    async fn say(&mut self, number: u32) -> Told {
        Told::Said { number }
    }

    #[on(Wait { millis })]
    async fn wait(&mut self, millis: u64) -> Told {
        self.is_busy = true;
        sleep(Duration::from_millis(millis)).await;
        self.is_busy = false;
        Told::Waited
    }

    #[on(Tell { number })]
    async fn tell(&mut self, number: u32) {
        self.events.try_send(News::Number(number)).unwrap();
    }

    async fn on_event(&mut self, news: News, ws: &WebSocketConnection) -> Result<Option<Told>> {
        assert!(!self.is_busy, "an event and a message at a time");
        match news {
            News::Number(number) => Ok(Some(Told::Heard { number })),
            News::Slow(millis) => {
                self.is_busy = true;
                sleep(Duration::from_millis(millis)).await;
                self.is_busy = false;
                Ok(None)
            }
            News::Quiet => Ok(None),
            News::Close => {
                ws.close(Some(CloseFrame { code: 4000, reason: "news".into() })).await.map(|()| None)
            }
        }
    }

    async fn on_close(self, why: CloseCause) {
        assert!(self.events.is_closed());
        self.causes.send(why).unwrap();
    }
}

struct Test {
    client: TestClient,
    handles: UnboundedReceiver<ignitia::Events<News>>,
    causes: UnboundedReceiver<CloseCause>,
}

impl Test {
    fn new() -> Self {
        let ((handles, got), (causes, ended)) = (unbounded_channel(), unbounded_channel());
        let client = client(Router::new().state((handles, causes)).mount_session::<Listening>());
        Self { client, handles: got, causes: ended }
    }

    async fn events(&mut self) -> ignitia::Events<News> {
        within("a session", self.handles.recv()).await.unwrap()
    }

    async fn cause(&mut self) -> CloseCause {
        within("the end", self.causes.recv()).await.unwrap()
    }
}

fn said(number: u32) -> Vec<u8> {
    text(&format!(r#"{{"type":"say","number":{number}}}"#))
}

#[tokio::test]
async fn events_are_handled_in_order_and_their_results_are_sent() {
    let mut test = Test::new();
    let mut socket = test.client.connect("/listening").await;
    let events = test.events().await;
    assert!(!events.is_closed());
    for number in 0..200 {
        events.send(News::Number(number)).await.unwrap();
        events.send(News::Quiet).await.unwrap();
    }
    for number in 0..200 {
        // No message asked for this reply, so it has no id.
        assert_eq!(socket.recv_json::<Value>().await, json!({"type": "heard", "number": number}));
    }
    socket.send_text(r#"{"type":"tell","number":7,"id":1}"#).await;
    assert_eq!(socket.recv_json::<Value>().await, json!({"type": "heard", "number": 7}));
    events.send(News::Close).await.unwrap();
    assert_eq!(socket.expect_close(4000).await.reason, "news");
    assert_eq!(test.cause().await.kind, CloseKind::Local);
    assert!(test.causes.try_recv().is_err(), "`on_close` ran twice");
}

#[tokio::test(start_paused = true)]
async fn an_event_waits_for_the_message_before_it_and_a_message_for_the_event() {
    let mut test = Test::new();
    let mut socket = test.client.connect("/listening").await;
    let events = test.events().await;
    let start = Instant::now();
    socket.send_text(r#"{"type":"wait","millis":2000}"#).await;
    sleep(Duration::from_millis(500)).await;
    events.send(News::Slow(3_000)).await.unwrap();
    sleep(Duration::from_millis(2_000)).await;
    socket.send_bytes(&said(1)).await;
    assert_eq!(socket.recv_json::<Value>().await["type"], "waited");
    assert_eq!(socket.recv_json::<Value>().await["type"], "said");
    assert_eq!(start.elapsed().as_secs(), 5);
}

/// The queue is bounded: a sender that is faster than the session waits, and learns what became of
/// its event.
#[tokio::test(start_paused = true)]
async fn a_full_queue_and_a_closed_session_are_different_errors() {
    let mut test = Test::new();
    let mut socket = test.client.connect("/listening").await;
    let events = test.events().await;
    events.send(News::Slow(1_000)).await.unwrap();
    sleep(Duration::from_millis(100)).await;
    for number in 0..64 {
        events.try_send(News::Number(number)).unwrap();
    }
    let error = events.try_send(News::Quiet).unwrap_err();
    assert!(error.is_full() && !error.is_closed(), "{error}");
    let start = Instant::now();
    within("room", events.send(News::Number(64))).await.unwrap();
    assert_eq!(start.elapsed().as_millis(), 900);
    for number in 0..65 {
        assert_eq!(socket.recv_json::<Value>().await["number"], number);
    }
    events.send(News::Slow(5_000)).await.unwrap();
    for _ in 0..64 {
        events.send(News::Quiet).await.unwrap();
    }
    let (waiting, other) = (events.clone(), events.clone());
    let waiting = tokio::spawn(async move { waiting.send(News::Quiet).await });
    let ended = tokio::spawn(async move { other.closed().await });
    socket.reset();
    assert_eq!(test.cause().await.kind, CloseKind::Lost);
    assert!(waiting.await.unwrap().unwrap_err().is_closed());
    ended.await.unwrap();
    assert!(events.is_closed());
    assert!(events.send(News::Quiet).await.unwrap_err().is_closed());
    assert!(events.try_send(News::Quiet).unwrap_err().is_closed());
}

/// A handle does not keep the session open, and a refused session has none.
#[tokio::test]
async fn event_handles_do_not_keep_the_session_open() {
    let mut test = Test::new();
    let mut socket = test.client.connect("/listening").await;
    let events = test.events().await;
    socket.close(1000, "").await;
    socket.expect_close(1000).await;
    within("the end", events.closed()).await;
    assert_eq!(test.cause().await.kind, CloseKind::Peer);
}

/// Neither delays the other, and no message is lost while both come at once.
#[tokio::test]
async fn messages_and_events_take_turns() {
    everywhere(
        || Router::new().mount_session::<Quiet>(),
        async |server| {
            let mut socket = server.open("/quiet").await;
            let burst: Vec<u8> = (0..300).flat_map(said).collect();
            socket.send(&[burst, close(1000, "")].concat()).await;
            let mut last = 0;
            for number in 0..300 {
                let frame = socket.frame().await;
                let reply: Value = serde_json::from_slice(&frame.payload).unwrap();
                assert_eq!(reply["number"], number, "{reply}");
                last = reply["events"].as_u64().unwrap();
            }
            assert!(last >= 200, "{last} events beside 300 messages");
            socket.expect_close(1000).await;
        },
    )
    .await;
}

#[derive(Serialize, ServerMessage)]
#[serde(tag = "type")]
enum Count {
    Count { number: u32, events: u32 },
}

/// A session that gets more events than it can handle, and handles its messages all the same.
struct Quiet {
    heard: u32,
}

#[websocket("/quiet", message = Ask, reply = Count)]
impl Quiet {
    async fn accept() -> Self {
        Self { heard: 0 }
    }

    async fn on_open(&mut self, events: ignitia::Events<News>, ws: &WebSocketConnection) {
        assert!(!ws.is_closed());
        tokio::spawn(async move { while events.send(News::Quiet).await.is_ok() {} });
    }

    #[on(Say { number })]
    async fn say(&mut self, number: u32) -> Count {
        Count::Count { number, events: self.heard }
    }

    #[on(Wait { .. })]
    async fn wait(&mut self) {}

    #[on(Tell { .. })]
    async fn tell(&mut self) {}

    async fn on_event(&mut self, _: News) {
        self.heard += 1;
    }
}

/// A close frame behind a message is answered once that message is handled, whatever events come.
#[tokio::test(start_paused = true)]
async fn a_close_is_answered_as_without_events() {
    let mut test = Test::new();
    let mut socket = test.client.connect("/listening").await;
    let events = test.events().await;
    socket.send_text(r#"{"type":"wait","millis":2000}"#).await;
    sleep(Duration::from_millis(500)).await;
    events.send(News::Slow(60_000)).await.unwrap();
    events.send(News::Quiet).await.unwrap();
    socket.close(4001, "bye").await;
    let start = Instant::now();
    assert_eq!(socket.recv_json::<Value>().await["type"], "waited");
    assert_eq!(socket.expect_close(4001).await.reason, "bye");
    assert_eq!(start.elapsed().as_millis(), 1_500);
    socket.expect_end().await;
    // The event is handled to its end; the next one is not begun.
    let cause = timeout(Duration::from_secs(100), test.causes.recv()).await.unwrap().unwrap();
    assert_eq!((cause.kind, cause.clean), (CloseKind::Peer, true));
}
