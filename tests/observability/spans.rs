//! Spans: one for the handshake, one for the connection, one for each typed message.

use std::{
    fmt::Write,
    sync::{Arc, Mutex},
    time::Duration,
};

use ignitia::{prelude::*, testing::TestClient};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
    subscriber::DefaultGuard,
};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt},
    registry::LookupSpan,
};

use super::router;

/// All spans and events of this thread, one line each.
#[derive(Clone, Default)]
struct Journal(Arc<Mutex<Vec<String>>>);

impl Journal {
    fn begin() -> (Self, DefaultGuard) {
        let journal = Self::default();
        let subscriber = tracing_subscriber::registry().with(journal.clone());
        (journal, tracing::subscriber::set_default(subscriber))
    }

    fn note(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }

    /// Returns the lines since the last call, without the numbers of connections.
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Journal {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let span = context.span(id).unwrap();
        let mut fields = Fields(String::new());
        attributes.record(&mut fields);
        let parent = span.parent().map(|parent| format!(" in {}", parent.name())).unwrap_or_default();
        self.note(format!("begin {}{parent}{}", span.name(), fields.0));
    }

    fn on_record(&self, id: &Id, record: &Record<'_>, context: Context<'_, S>) {
        let mut fields = Fields(String::new());
        record.record(&mut fields);
        self.note(format!("note {}{}", context.span(id).unwrap().name(), fields.0));
    }

    fn on_follows_from(&self, id: &Id, follows: &Id, context: Context<'_, S>) {
        let name = |id| context.span(id).unwrap().name();
        self.note(format!("{} follows from {}", name(id), name(follows)));
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields(String::new());
        event.record(&mut fields);
        let scope = context.event_scope(event).into_iter().flatten().map(|span| span.name());
        let scope: Vec<_> = scope.collect();
        if event.metadata().target().starts_with("ignitia")
            || event.metadata().target().contains("observability")
        {
            self.note(format!("event in {}:{}", scope.join(" in "), fields.0));
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        self.note(format!("end {}", context.span(&id).unwrap().name()));
    }
}

struct Fields(String);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        match field.name() {
            "message" => write!(self.0, " {value:?}").unwrap(),
            "connection" => self.0 += " connection",
            name => write!(self.0, " {name}={value:?}").unwrap(),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn spans_reach_from_the_handshake_to_the_last_message() {
    let (journal, _guard) = Journal::begin();
    let client = TestClient::new(router()).unwrap();
    let mut socket = client.connect("/api/talk/lobby?token=secret").await;
    assert_eq!(
        journal.take(),
        [
            "begin handshake route=\"/api/talk/{room}\"",
            "begin websocket connection route=\"/api/talk/{room}\"",
            "websocket follows from handshake",
            "note handshake status=101",
            "end handshake",
        ]
    );
    socket.send_json(&json!({ "type": "ask", "text": "who?" })).await;
    assert_eq!(socket.recv_text().await, r#"{"type":"told","text":"who? in lobby"}"#);
    assert_eq!(
        journal.take(),
        ["begin message in websocket bytes=28", "event in message in websocket: asked", "end message"]
    );
    socket.send_text("what?").await;
    socket.recv_text().await;
    let malformed = journal.take();
    assert_eq!(malformed.len(), 3, "{malformed:?}");
    assert!(
        malformed[1].starts_with("event in message in websocket: a message could not be decoded"),
        "{malformed:?}"
    );
    socket.close(1000, "").await;
    socket.expect_close(1000).await;
    socket.expect_end().await;
    drop(socket);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let end = journal.take();
    assert_eq!(end.last().unwrap(), "end websocket");
    assert_eq!(end.iter().filter(|line| line.contains("WebSocket closed")).count(), 1, "{end:?}");
}

#[tokio::test(start_paused = true)]
async fn a_refusal_has_its_status_and_no_connection() {
    let (journal, _guard) = Journal::begin();
    let client = TestClient::new(router()).unwrap();
    assert_eq!(client.request("/api/ends/refuses?token=secret").rejection().await.status, 401);
    let journal = journal.take();
    assert_eq!(journal[0], "begin handshake route=\"/api/ends/{how}\"");
    assert!(journal.contains(&"note handshake status=401".to_owned()), "{journal:?}");
    let ends: Vec<_> = journal.iter().filter(|line| line.starts_with("end")).collect();
    assert_eq!(ends, ["end websocket", "end handshake"]);
    assert!(!journal.concat().contains("secret"), "{journal:?}");
}
