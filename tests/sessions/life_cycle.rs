//! From `accept` to `on_close`: the calls, their order, and the state.

use ignitia::{
    prelude::*,
    websocket::{CloseCause, CloseKind},
};

use super::{Event, EventLog, In, Out, log, say};
use crate::support::{client, close, everywhere, text};

struct Chat {
    room: String,
    heard: Vec<String>,
    log: EventLog,
}

impl Drop for Chat {
    fn drop(&mut self) {
        self.log.say(Event::Dropped);
    }
}

#[websocket("/rooms/<room>", message = In, reply = Out)]
impl Chat {
    async fn accept(room: String, State(log): State<EventLog>) -> Self {
        log.say(Event::Accepting);
        tokio::task::yield_now().await;
        log.say(Event::Accepted);
        Self { room, heard: Vec::new(), log }
    }

    async fn on_open(&mut self, ws: &WebSocketConnection) -> Out {
        assert!(!ws.is_closed());
        self.log.say(Event::Opened);
        Out::Said { text: format!("welcome to {}", self.room) }
    }

    #[on(Say { text })]
    async fn say(&mut self, text: String) -> Out {
        self.heard.push(text.clone());
        self.log.say(Event::Heard(text.clone()));
        Out::Said { text }
    }

    #[on(Wait { millis })]
    async fn wait(&mut self, millis: u64) -> Out {
        tokio::time::sleep(std::time::Duration::from_millis(millis)).await;
        Out::Waited
    }

    #[on(Leave)]
    async fn leave(&mut self) -> CloseFrame {
        CloseFrame { code: 4000, reason: self.heard.join(",") }
    }

    #[on(Fail)]
    async fn fail(&mut self) -> Result<Out> {
        Err(std::io::Error::other("on purpose").into())
    }

    #[on(Panic)]
    async fn panic(&mut self) {
        panic!("on purpose")
    }

    #[on(Stuck)]
    async fn stuck(&mut self) {
        std::future::pending().await
    }

    async fn on_close(self, why: CloseCause, ws: &WebSocketConnection) {
        assert!(ws.is_closed());
        assert_eq!(ws.close_cause().as_ref(), Some(&why));
        assert!(ws.send_text("too late").await.unwrap_err().is_closed());
        self.log.say(Event::Heard(self.heard.join("+")));
        self.log.say(Event::Closing(why));
        tokio::task::yield_now().await;
        self.log.say(Event::Closed);
    }
}

fn heard(text: &str) -> Event {
    Event::Heard(text.into())
}

#[tokio::test(start_paused = true)]
async fn hooks_and_methods_run_in_order() {
    let (log, mut events) = log();
    let client = client(Router::new().state(log).mount_session::<Chat>());
    let mut socket = client.connect(&Chat::uri("a b")).await;
    let welcome: serde_json::Value = socket.recv_json().await;
    assert_eq!(welcome, json!({"type": "said", "text": "welcome to a b"}));
    say(&mut socket, "one").await;
    say(&mut socket, "two").await;
    socket.send_text("{}").await;
    assert_eq!(socket.recv_json::<serde_json::Value>().await["code"], "missing_tag");
    say(&mut socket, "three").await;
    socket.send_text(r#"{"type":"leave"}"#).await;
    assert_eq!(socket.expect_close(4000).await.reason, "one,two,three");
    socket.expect_end().await;
    for expected in [
        Event::Accepting,
        Event::Accepted,
        Event::Opened,
        heard("one"),
        heard("two"),
        heard("three"),
        heard("one+two+three"),
    ] {
        assert_eq!(events.next().await, expected);
    }
    let Event::Closing(cause) = events.next().await else { panic!() };
    let frame = CloseFrame { code: 4000, reason: "one,two,three".into() };
    assert_eq!(
        (cause.kind, cause.frame, cause.clean, cause.unsent),
        (CloseKind::Local, Some(frame), true, 0)
    );
    assert_eq!(events.next().await, Event::Closed);
    assert_eq!(events.next().await, Event::Dropped);
    client.shutdown().drain().await;
    assert_eq!(events.so_far(), []);
}

/// Each connection has a session of its own.
#[tokio::test]
async fn sessions_share_nothing() {
    let (log, mut events) = log();
    let client = client(Router::new().state(log).mount_session::<Chat>());
    let mut sockets = Vec::new();
    for room in 0..5 {
        let mut socket = client.connect(&Chat::uri(room)).await;
        socket.recv_text().await;
        sockets.push(socket);
    }
    for round in 0..3 {
        for (room, socket) in sockets.iter_mut().enumerate() {
            say(socket, &format!("{room}.{round}")).await;
        }
    }
    for (room, socket) in sockets.iter_mut().enumerate() {
        socket.send_text(r#"{"type":"leave"}"#).await;
        assert_eq!(socket.expect_close(4000).await.reason, format!("{room}.0,{room}.1,{room}.2"));
    }
    let mut causes = 0;
    while causes < 5 {
        causes += usize::from(matches!(events.next().await, Event::Closing(_)));
    }
}

/// Messages before the end are handled before `on_close`, whatever the end is.
#[tokio::test(start_paused = true)]
async fn on_close_runs_last() {
    let end_of_transport = Vec::new();
    for (end, kind) in [(close(4001, "bye"), CloseKind::Peer), (end_of_transport, CloseKind::Lost)] {
        let (log, mut events) = log();
        let client = client(Router::new().state(log).mount_session::<Chat>());
        let mut socket = client.connect("/rooms/x").await;
        let mut burst: Vec<u8> = (0..50)
            .flat_map(|number| {
                let wait = text(r#"{"type":"wait","millis":10}"#);
                [wait, text(&format!(r#"{{"type":"say","text":"{number}"}}"#))].concat()
            })
            .collect();
        burst.extend(&end);
        socket.send_bytes(&burst).await;
        if end.is_empty() {
            socket.half_close().await;
        }
        let mut order = Vec::new();
        let cause = loop {
            match events.next().await {
                Event::Closing(cause) => break cause,
                Event::Heard(text) => order.push(text),
                _ => {}
            }
        };
        let mut expected: Vec<String> = (0..50).map(|number| number.to_string()).collect();
        expected.push(expected.join("+"));
        assert_eq!(order, expected);
        assert_eq!((cause.kind, cause.unsent), (kind, 0));
        assert_eq!(cause.clean, kind == CloseKind::Peer);
        socket.recv_text().await;
        for _ in 0..50 {
            assert_eq!(socket.recv_text().await, r#"{"type":"waited"}"#);
            socket.recv_text().await;
        }
        assert!(matches!(socket.recv().await, Some(Message::Close(Some(_)))));
    }
}

#[tokio::test]
async fn sessions_work_over_every_transport() {
    let (log, mut events) = log();
    everywhere(
        move || Router::new().state(log.clone()).mount_session::<Chat>(),
        async |server| {
            let mut socket = server.open("/rooms/x").await;
            socket.expect_text(r#"{"type":"said","text":"welcome to x"}"#).await;
            socket.send(&text(r#"{"type":"say","text":"hi"}"#)).await;
            socket.expect_text(r#"{"type":"said","text":"hi"}"#).await;
            socket.send(&close(1000, "")).await;
            socket.expect_close(1000).await;
            let cause = events.cause().await;
            assert_eq!((cause.kind, cause.clean), (CloseKind::Peer, true));
            assert_eq!(events.next().await, Event::Closed);
            assert_eq!(events.next().await, Event::Dropped);
        },
    )
    .await;
}

#[test]
fn constants_reflect_the_declaration() {
    assert_eq!((Chat::PATH, Chat::METHOD), ("/rooms/<room>", "GET"));
    assert_eq!(Chat::PARAMETERS, ["room"]);
    assert_eq!(Chat::EXTRACTORS, ["State<EventLog>"]);
    assert_eq!((Chat::MESSAGE, Chat::REPLY), (Some("In"), Some("Out")));
    assert_eq!(Chat::uri("a/b c"), "/rooms/a%2Fb%20c");
}

/// Methods are ordinary methods: a unit test calls them.
#[tokio::test]
async fn methods_of_a_session_may_be_called_directly() {
    let (log, _events) = log();
    let mut chat = Chat::accept("lobby".into(), State(log)).await;
    let Out::Said { text } = chat.say("hi".into()).await else { panic!() };
    assert_eq!((text.as_str(), chat.leave().await.reason.as_str()), ("hi", "hi"));
}

struct Minimal {
    log: EventLog,
}

impl Drop for Minimal {
    fn drop(&mut self) {
        self.log.say(Event::Dropped);
    }
}

/// Without hooks, and without `reply`.
#[websocket("/minimal", message = In)]
impl Minimal {
    async fn accept(State(log): State<EventLog>) -> Result<Self, StatusCode> {
        Ok(Self { log })
    }

    #[on(Say { .. })]
    async fn say(&self) {}

    #[on(Wait { millis: _ })]
    async fn wait(&self) {}

    #[on(Leave)]
    async fn leave(&self) {}

    #[on(Fail)]
    async fn fail(&self) {}

    #[on(Panic)]
    async fn panic(&self) {}

    #[on(Stuck)]
    async fn stuck(&self) {}
}

#[tokio::test]
async fn without_on_close_the_session_is_dropped() {
    let (log, mut events) = log();
    let client = client(Router::new().state(log).mount_session::<Minimal>());
    let mut socket = client.connect("/minimal").await;
    socket.send_text(r#"{"type":"leave"}"#).await;
    socket.close(1000, "").await;
    socket.expect_close(1000).await;
    assert_eq!(events.next().await, Event::Dropped);
}
