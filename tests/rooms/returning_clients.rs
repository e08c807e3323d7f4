//! Clients that show their positions in the query, and what they are told.

use std::time::Duration;

use ignitia::{
    prelude::*,
    rooms::{History, Overflow, Resume, RoomConfig},
    testing::{TestClient, TestResponse, TestSocket},
    websocket::WebSocketConfig,
};
use serde_json::{Value, json};
use tokio::time::advance;

use super::{
    Connector, Tell, mark,
    resume::{all, remembering},
    rooms_with,
};

#[derive(serde::Deserialize, ClientMessage)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Ask {
    /// Answers behind everything that was sent before.
    Mark,
}

/// A member of the rooms whose names are the segments of the path.
struct Guest {
    rooms: Vec<Membership<Tell>>,
    resume: Resume,
}

#[websocket("/<rooms..>", message = Ask)]
impl Guest {
    async fn accept(rooms: String, all: Rooms<Tell>, resume: Resume) -> Self {
        Self { rooms: rooms.split('/').map(|name| all.reserve(name)).collect(), resume }
    }

    async fn on_open(&mut self, ws: &WebSocketConnection) -> Result<()> {
        for room in &mut self.rooms {
            room.resume(ws, (), self.resume.clone()).await?;
        }
        Ok(())
    }

    #[on(Mark)]
    async fn mark(&mut self, ws: &WebSocketConnection) {
        mark(ws);
    }
}

struct Host {
    client: TestClient,
    rooms: Rooms<Tell>,
}

impl Host {
    fn with(history: History) -> Self {
        Self::of(remembering(history))
    }

    fn of(rooms: Rooms<Tell>) -> Self {
        let router = Router::new().state(rooms.clone()).mount_session::<Guest>();
        Self { client: TestClient::new(router).unwrap(), rooms }
    }

    /// Connects, showing these positions.
    async fn open(&self, rooms: &str, shown: &[&str]) -> TestSocket {
        let query: Vec<String> = shown.iter().map(|position| format!("$at={position}")).collect();
        self.client.connect(&format!("/{rooms}?{}", query.join("&"))).await
    }

    async fn refused(&self, query: &str) -> TestResponse {
        self.client.request(&format!("/room?{query}")).rejection().await
    }

    fn tell(&self, room: &str, numbers: impl IntoIterator<Item = usize>) {
        for n in numbers {
            self.rooms.room(room).broadcast(&Tell::number(n)).unwrap();
        }
    }
}

/// Receives all that comes in front of a mark.
async fn received(socket: &mut TestSocket) -> Vec<Value> {
    socket.send_text(r#"{"type":"mark"}"#).await;
    let mut all = Vec::new();
    loop {
        let message: Value = socket.recv_json().await;
        if message["type"] == "mark" {
            return all;
        }
        all.push(message);
    }
}

fn numbers(messages: &[Value]) -> Vec<u64> {
    messages.iter().filter_map(|message| message["n"].as_u64()).collect()
}

fn at(message: &Value) -> String {
    message["$at"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_new_client_is_told_where_it_is_and_misses_nothing_from_there() {
    let host = Host::with(all());
    host.tell("room", 1..=2);
    let mut socket = host.open("room", &[]).await;
    let told = received(&mut socket).await;
    let [joined] = &told[..] else { panic!("{told:?}") };
    assert_eq!(*joined, json!({ "type": "$joined", "room": "room", "$at": at(joined) }));
    // It is cut off before the first message.
    socket.reset();
    host.tell("room", 3..=5);
    let mut socket = host.open("room", &[&at(joined)]).await;
    let told = received(&mut socket).await;
    assert_eq!(told[0], json!({ "type": "$resumed", "room": "room", "recovered": 3 }));
    assert_eq!(numbers(&told), [3, 4, 5]);
    // And once more, at the end.
    let mut socket = host.open("room", &[&at(&told[3])]).await;
    assert_eq!(received(&mut socket).await, [json!({ "type": "$resumed", "room": "room", "recovered": 0 })]);
    host.tell("room", [6]);
    assert_eq!(numbers(&received(&mut socket).await), [6]);
}

#[tokio::test]
async fn a_client_is_told_that_messages_are_lost_and_where_it_is_now() {
    let host = Host::with(all().messages(2));
    let mut socket = host.open("room", &[]).await;
    let first = at(&received(&mut socket).await[0]);
    host.tell("room", 1..=4);
    let now = at(received(&mut socket).await.last().unwrap());
    for shown in [&*first, "0.0", "ffffffffffffffff.18446744073709551615"] {
        let mut socket = host.open("room", &[shown]).await;
        let told = received(&mut socket).await;
        assert_eq!(
            told,
            [json!({ "type": "$resumed", "room": "room", "lost": true, "$at": now })],
            "{shown}"
        );
    }
}

#[tokio::test]
async fn a_room_without_a_history_has_no_positions() {
    let host = Host::of(rooms_with(RoomConfig::default()));
    let mut socket = host.open("room", &[]).await;
    assert_eq!(received(&mut socket).await, [] as [Value; 0]);
    let mut socket = host.open("room", &["1.2"]).await;
    assert_eq!(received(&mut socket).await, [json!({ "type": "$resumed", "room": "room", "lost": true })]);
}

#[tokio::test]
async fn each_room_finds_its_own_position() {
    let host = Host::with(all());
    let mut socket = host.open("a/b", &[]).await;
    let [a, b] = &received(&mut socket).await[..] else { panic!("two notices") };
    let (a, b) = (at(a), at(b));
    host.tell("a", [1]);
    host.tell("b", [2, 3]);
    for shown in [[&*a, &*b], [&*b, &*a]] {
        let mut socket = host.open("a/b", &shown).await;
        let told = received(&mut socket).await;
        assert_eq!(numbers(&told), [1, 2, 3]);
        let recovered: Vec<&Value> = told.iter().map(|told| &told["recovered"]).collect();
        assert_eq!(recovered, [&json!(1), &Value::Null, &json!(2), &Value::Null, &Value::Null]);
    }
    // The last position of a room counts.
    host.tell("a", [4]);
    let (epoch, _) = a.split_once('.').unwrap();
    let mut socket = host.open("a", &[&a, &format!("{epoch}.1")]).await;
    assert_eq!(numbers(&received(&mut socket).await), [4]);
}

/// A room whose position somebody knows is kept for the age of its history, even if it is empty and
/// had no message.
#[tokio::test(start_paused = true)]
async fn an_empty_room_is_kept_for_those_who_know_a_position() {
    let host = Host::with(all().age(Duration::from_secs(60)));
    let mut socket = host.open("room", &[]).await;
    let joined = at(&received(&mut socket).await[0]);
    socket.close(1000, "").await;
    socket.expect_close(1000).await;
    advance(Duration::from_secs(59)).await;
    host.tell("room", [1]);
    let mut socket = host.open("room", &[&joined]).await;
    assert_eq!(numbers(&received(&mut socket).await), [1]);
}

#[tokio::test]
async fn what_is_no_position_is_a_bad_request() {
    let host = Host::with(all());
    for (query, text) in [
        ("$at=", "`$at` is not a position in a room's history"),
        ("$at=1", "`$at` is not a position in a room's history"),
        ("$at=x.1", "`$at` is not a position in a room's history"),
        ("$at=1.1&$at=1.-1", "`$at` is not a position in a room's history"),
    ] {
        let refused = host.refused(query).await;
        assert_eq!((refused.status, &*refused.text()), (StatusCode::BAD_REQUEST, text), "{query}");
    }
    let many: Vec<String> = (0..17).map(|n| format!("%24at={n:x}.1")).collect();
    let refused = host.refused(&many.join("&")).await;
    assert_eq!((refused.status, &*refused.text()), (StatusCode::BAD_REQUEST, "there are more than 16 `$at`"));
    let mut socket = host.client.connect(&format!("/room?other=$at&{}", many[1..].join("&"))).await;
    assert_eq!(received(&mut socket).await[0]["lost"], true);
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    color: String,
}

#[websocket("/before/<room>")]
async fn before(
    room: String,
    wish: Query<Wish>,
    resume: Resume,
    rooms: Rooms<Tell>,
    ws: WebSocketConnection,
) -> Response {
    enter(room, wish, resume, &rooms, ws).await
}

#[websocket("/behind/<room>")]
async fn behind(
    resume: Resume,
    rooms: Rooms<Tell>,
    room: String,
    wish: Query<Wish>,
    ws: WebSocketConnection,
) -> Response {
    enter(room, wish, resume, &rooms, ws).await
}

async fn enter(
    room: String,
    Query(wish): Query<Wish>,
    resume: Resume,
    rooms: &Rooms<Tell>,
    ws: WebSocketConnection,
) -> Response {
    assert_eq!(wish.color, "a&b");
    rooms.reserve(room).resume(&ws, (), resume).await.unwrap();
    ws.closed().await;
    Response::ok()
}

struct Strict;

#[websocket("/session/<room>", message = Ask)]
impl Strict {
    async fn accept(room: String, query: Query<Wish>, resume: Resume) -> Result<Self, StatusCode> {
        let shown = resume.positions().len() == usize::from(room == "returns");
        if shown && query.color == "a&b" { Ok(Self) } else { Err(StatusCode::CONFLICT) }
    }

    #[on(Mark)]
    async fn mark(&mut self, ws: &WebSocketConnection) {
        mark(ws);
    }
}

/// `Resume` is somewhere within an extractor of the application's.
struct Wrapped(Resume);

impl<S: Sync> ignitia::FromRequestParts<S> for Wrapped {
    type Rejection = <Resume as ignitia::FromRequestParts<S>>::Rejection;

    async fn from_request_parts(
        parts: &mut http::request::Parts,
        state: &S,
    ) -> Result<Self, Self::Rejection> {
        Resume::from_request_parts(parts, state).await.map(Self)
    }
}

#[websocket("/wrapped")]
async fn wrapped(
    Wrapped(resume): Wrapped,
    query: axum::extract::RawQuery,
    ws: WebSocketConnection,
) -> Result<Response> {
    ws.send_text(format!("{:?} {:?}", resume.positions(), query.0)).await?;
    Ok(Response::ok())
}

#[websocket("/own")]
async fn own(query: axum::extract::RawQuery, ws: WebSocketConnection) -> Result<Response> {
    ws.send_text(format!("{:?}", query.0)).await?;
    Ok(Response::ok())
}

/// The contract, and what sets the positions aside, see the one beside it.
#[websocket("/named")]
async fn named(
    Wrapped(resume): Wrapped,
    _: Resume,
    query: axum::extract::RawQuery,
    ws: WebSocketConnection,
) -> Result<Response> {
    ws.send_text(format!("{} {:?}", resume.positions().len(), query.0)).await?;
    Ok(Response::ok())
}

type MaybeResume = Result<Resume, (StatusCode, &'static str)>;

#[websocket("/maybe")]
async fn maybe(
    resume: MaybeResume,
    query: axum::extract::RawQuery,
    ws: WebSocketConnection,
) -> Result<Response> {
    let shown = resume.map(|resume| resume.positions().len()).map_err(|(status, _)| status.as_u16());
    ws.send_text(format!("{shown:?} {:?}", query.0)).await?;
    Ok(Response::ok())
}

struct MaybeStrict;

#[websocket("/maybe-session", message = Ask)]
impl MaybeStrict {
    async fn accept(query: Query<Wish>, resume: MaybeResume) -> Self {
        let _ = (query, resume);
        Self
    }

    #[on(Mark)]
    async fn mark(&mut self, ws: &WebSocketConnection) {
        mark(ws);
    }
}

#[tokio::test]
async fn resume_counts_beside_an_extractor_around_it_and_in_a_result() {
    let router = Router::new().mount(named).mount(maybe).mount_session::<MaybeStrict>();
    let client = TestClient::new(router).unwrap();
    for (path, expected) in [
        ("/named?$at=1.2&b", r#"1 Some("b")"#),
        ("/maybe?$at=1.2&b", r#"Ok(1) Some("b")"#),
        ("/maybe?$at=wrong&b", r#"Err(400) Some("b")"#),
    ] {
        assert_eq!(client.connect(path).await.recv_text().await, expected, "{path}");
    }
    // Its query denies unknown fields.
    let mut socket = client.connect("/maybe-session?color=red&$at=1.2").await;
    assert_eq!(received(&mut socket).await.len(), 0);
}

/// A client that returns must not be refused for what it was told to show.
#[tokio::test]
async fn other_extractors_find_no_positions_in_the_query() {
    let rooms = remembering(all());
    let router = Router::new().state(rooms.clone()).mount(before).mount(behind).mount_session::<Strict>();
    let client = TestClient::new(router.mount(wrapped).mount(own)).unwrap();
    for path in ["/before/a", "/behind/b"] {
        let mut socket = client.connect(&format!("{path}?color=a%26b")).await;
        let joined = at(&socket.recv_json().await);
        for query in [format!("color=a%26b&$at={joined}"), format!("%24at={joined}&color=a%26b")] {
            let mut socket = client.connect(&format!("{path}?{query}")).await;
            let told: Value = socket.recv_json().await;
            assert_eq!(
                (&told["type"], &told["recovered"]),
                (&json!("$resumed"), &json!(0)),
                "{path}?{query}"
            );
        }
        let refused = client.request(&format!("{path}?color=a&$at={joined}&x=1")).rejection().await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    }
    for path in ["/session/comes?color=a%26b", "/session/returns?color=a%26b&$at=1.2"] {
        let mut socket = client.connect(path).await;
        assert_eq!(received(&mut socket).await.len(), 0);
    }
    let mut socket = client.connect("/wrapped?$at=1.2&b").await;
    assert!(socket.recv_text().await.starts_with("[Position"));
    // Where nobody resumes, the query is the application's.
    let mut socket = client.connect("/own?$at=1.2&b").await;
    assert_eq!(socket.recv_text().await, r#"Some("$at=1.2&b")"#);
}

/// A notice is no message of the room: a slow client that leaves again has missed nothing there.
#[tokio::test]
async fn a_notice_that_is_dropped_is_no_missed_message() {
    const SIZE: usize = 4_096;
    let rooms = rooms_with(RoomConfig::default().history(all()).overflow(Overflow::DropOldest).backlog(4));
    let config = WebSocketConfig::default().outbox_burst(1).outbox_messages(4).keepalive_interval(None);
    let mut connector = Connector::with(config, |client| client.pipe_capacity(SIZE));
    let (mut socket, ws) = connector.open().await;
    let busy = rooms.join("busy", &ws).unwrap();
    for n in 0..20 {
        busy.broadcast(&Tell::padded(n, SIZE)).unwrap();
    }
    let mut quiet = rooms.reserve("quiet");
    quiet.resume(&ws, (), announced().await).await.unwrap();
    drop(quiet);
    let told = loop {
        let message: Value = socket.recv_json().await;
        if message["type"] == "$lagged" && message["room"] != "busy" || message["n"] == 19 {
            break message;
        }
    };
    // The newest message of the busy room is the last that is sent.
    assert_eq!(told["room"], Value::Null, "nothing was ever sent to the quiet room: {told}");
}

/// Returns what a new client shows.
async fn announced() -> Resume {
    let (mut parts, ()) = http::Request::new(()).into_parts();
    <Resume as ignitia::FromRequestParts<()>>::from_request_parts(&mut parts, &()).await.unwrap()
}

/// A client that only enters rooms, and leaves, does not make the server forget what others said.
#[tokio::test]
async fn entering_many_rooms_forgets_no_history() {
    let host = Host::with(all());
    let mut socket = host.open("precious", &[]).await;
    let joined = at(&received(&mut socket).await[0]);
    host.tell("precious", [1]);
    socket.close(1000, "").await;
    socket.recv_until(|message| matches!(message, Message::Close(_))).await;
    let names: Vec<String> = (0..=10_000).map(|n| format!("r{n}")).collect();
    for some in names.chunks(64) {
        let mut visitor = host.open(&some.join("/"), &[]).await;
        received(&mut visitor).await;
        visitor.close(1000, "").await;
        visitor.expect_close(1000).await;
    }
    let mut socket = host.open("precious", &[&joined]).await;
    assert_eq!(numbers(&received(&mut socket).await), [1]);
}
