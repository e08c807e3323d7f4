//! `#[every(..)]`: clocks of sessions.

use std::time::Duration;

use ignitia::{prelude::*, websocket::CloseKind};
use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::{Event, EventLog, In, Out, log, say};
use crate::support::{client, close, text};

struct Ticking {
    log: EventLog,
    begun: Instant,
    is_busy: bool,
    ticks: u32,
}

fn ticked(seconds: u64) -> Event {
    Event::Heard(format!("tick at {seconds}"))
}

#[websocket("/ticking/<opening>", message = In, reply = Out)]
impl Ticking {
    async fn accept(opening: u64, State(log): State<EventLog>) -> Self {
        sleep(Duration::from_millis(10 * opening)).await;
        Self { log, begun: Instant::now(), is_busy: false, ticks: 0 }
    }

    async fn on_open(&mut self) {
        sleep(Duration::from_secs(3)).await;
        self.begun = Instant::now();
    }

    #[every("5s")]
    async fn tick(&mut self) -> Out {
        assert!(!self.is_busy, "a tick and a message at a time");
        self.ticks += 1;
        self.log.say(ticked(self.begun.elapsed().as_secs()));
        Out::Said { text: format!("tick {}", self.ticks) }
    }

    #[every(Duration::from_secs(60))]
    async fn minute(&mut self, ws: &WebSocketConnection) -> CloseFrame {
        assert!(!ws.is_closed());
        CloseFrame { code: 4000, reason: format!("{} ticks", self.ticks) }
    }

    #[on(Say { text })]
    async fn say(&mut self, text: String) -> Out {
        Out::Said { text }
    }

    #[on(Wait { millis })]
    async fn wait(&mut self, millis: u64) -> Out {
        self.is_busy = true;
        sleep(Duration::from_millis(millis)).await;
        self.is_busy = false;
        Out::Waited
    }

    #[on(Leave)]
    async fn leave(&mut self, ws: &WebSocketConnection) -> Result<()> {
        ws.close(None).await
    }

    #[on(Fail)]
    async fn fail(&self) {}

    #[on(Panic)]
    async fn panic(&self) {}

    #[on(Stuck)]
    async fn stuck(&self) {}

    async fn on_close(self, why: ignitia::websocket::CloseCause) {
        self.log.say(Event::Closing(why));
    }
}

#[tokio::test(start_paused = true)]
async fn clocks_tick_from_the_opening_on_and_their_results_are_sent() {
    let (log, mut events) = log();
    let client = client(Router::new().state(log).mount_session::<Ticking>());
    let mut socket = client.connect("/ticking/0").await;
    socket.set_deadline(Duration::from_secs(100));
    for tick in 1..=11 {
        assert_eq!(
            socket.recv_json::<Value>().await,
            json!({"type": "said", "text": format!("tick {tick}")})
        );
        assert_eq!(events.next().await, ticked(5 * tick));
    }
    // Both clocks are due: the one that is latest comes first, and both come.
    let rest = socket.recv().await;
    match rest {
        Some(Message::Text(_)) => assert_eq!(socket.expect_close(4000).await.reason, "12 ticks"),
        Some(Message::Close(frame)) => assert_eq!(frame.unwrap().reason, "11 ticks"),
        other => panic!("{other:?}"),
    }
    socket.expect_end().await;
    let cause = events.cause().await;
    assert_eq!((cause.kind, cause.clean), (CloseKind::Local, true));
    sleep(Duration::from_secs(100)).await;
    assert_eq!(events.so_far(), []);
}

/// A message occupies the session: the tick comes after it, once, and the rhythm continues as
/// before.
#[tokio::test(start_paused = true)]
async fn missed_ticks_are_skipped() {
    let (log, mut events) = log();
    let client = client(Router::new().state(log).mount_session::<Ticking>());
    let mut socket = client.connect("/ticking/0").await;
    socket.set_deadline(Duration::from_secs(100));
    sleep(Duration::from_secs(4)).await;
    socket.send_text(r#"{"type":"wait","millis":18000}"#).await;
    assert_eq!(socket.recv_json::<Value>().await["type"], "waited");
    for (seconds, tick) in [(19, 1), (20, 2), (25, 3)] {
        assert_eq!(events.next().await, ticked(seconds));
        assert_eq!(socket.recv_json::<Value>().await["text"], format!("tick {tick}"));
    }
}

#[tokio::test(start_paused = true)]
async fn messages_are_handled_between_ticks() {
    let (log, mut events) = log();
    let client = client(Router::new().state(log).mount_session::<Ticking>());
    let mut socket = client.connect("/ticking/1").await;
    sleep(Duration::from_secs(4)).await;
    for second in 1..=12 {
        if second % 5 == 4 {
            sleep(Duration::from_millis(500)).await;
        }
        say(&mut socket, &second.to_string()).await;
        if second % 5 != 4 {
            sleep(Duration::from_secs(1)).await;
        } else {
            sleep(Duration::from_millis(500)).await;
            assert!(socket.recv_text().await.contains("tick"));
        }
    }
    socket.close(1000, "").await;
    socket.expect_close(1000).await;
    assert_eq!(events.cause().await.kind, CloseKind::Peer);
}

/// A clock that fires while the session waits for its peer does not change the answer to the end.
#[tokio::test(start_paused = true)]
async fn a_close_is_answered_as_without_clocks() {
    let (log, mut events) = log();
    let client = client(Router::new().state(log).mount_session::<Ticking>());
    let mut socket = client.connect("/ticking/0").await;
    sleep(Duration::from_secs(7)).await;
    let burst =
        [text(r#"{"type":"wait","millis":4000}"#), text(r#"{"type":"say","text":"x"}"#), close(4001, "bye")];
    socket.send_bytes(&burst.concat()).await;
    let start = Instant::now();
    // Behind the first message a tick is due; its reply goes out like those of the messages.
    for expected in ["waited", "tick 1", "x"] {
        assert!(socket.recv_text().await.contains(expected), "{expected}");
    }
    assert_eq!(socket.expect_close(4001).await.reason, "bye");
    assert_eq!(start.elapsed().as_secs(), 4);
    socket.expect_end().await;
    assert_eq!((events.next().await, events.cause().await.kind), (ticked(8), CloseKind::Peer));
    sleep(Duration::from_secs(100)).await;
    assert_eq!(events.so_far(), []);
}

/// We have closed, and the peer takes its time: replies would have no receiver.
#[tokio::test(start_paused = true)]
async fn nothing_ticks_while_the_connection_closes() {
    let (log, mut events) = log();
    let client = client(Router::new().state(log).mount_session::<Ticking>());
    let mut socket = client.connect("/ticking/0").await;
    sleep(Duration::from_secs(4)).await;
    socket.send_bytes(&text(r#"{"type":"leave"}"#)).await;
    sleep(Duration::from_secs(100)).await;
    assert_eq!(events.cause().await.kind, CloseKind::Local);
    assert_eq!(events.so_far(), []);
}

struct Fast {
    ticks: u32,
}

#[websocket("/fast", message = In, reply = Out)]
impl Fast {
    async fn accept() -> Self {
        Self { ticks: 0 }
    }

    /// It takes longer than its period: it is always due.
    #[every("1ms")]
    async fn tick(&mut self) {
        self.ticks += 1;
        sleep(Duration::from_millis(3)).await;
    }

    #[every("1ms")]
    async fn tock(&mut self) {
        self.ticks += 1_000;
    }

    #[on(Say { text })]
    async fn say(&mut self, text: String) -> Out {
        sleep(Duration::from_millis(2)).await;
        Out::Said { text: format!("{text} {} {}", self.ticks % 1_000, self.ticks / 1_000) }
    }

    #[on(Wait { .. })]
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

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_always_due_starves_no_messages() {
    let mut socket = client(Router::new().mount_session::<Fast>()).connect("/fast").await;
    let burst: Vec<u8> =
        (0..100).flat_map(|number| text(&format!(r#"{{"type":"say","text":"{number}"}}"#))).collect();
    socket.send_bytes(&[burst, close(1000, "")].concat()).await;
    let mut last = Vec::new();
    for number in 0..100 {
        let said: Value = socket.recv_json().await;
        let numbers: Vec<u32> =
            said["text"].as_str().unwrap().split(' ').map(|number| number.parse().unwrap()).collect();
        assert_eq!(numbers[0], number);
        last = numbers;
    }
    // One tick between two messages, each clock in turn.
    assert!((40..=110).contains(&last[1]) && (40..=110).contains(&last[2]), "{last:?}");
    socket.expect_close(1000).await;
}
