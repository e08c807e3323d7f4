//! `accept` runs before the 101: its refusals are HTTP responses.

use std::{future::pending, str::FromStr, time::Duration};

use axum::extract::FromRef;
use ignitia::{
    ClientMessage, FromRequestParts, RouterExt,
    prelude::*,
    websocket::{CloseCause, WebSocketConfig},
};
use serde::Deserialize;
use tokio::time::Instant;

use super::{Event, EventLog, log};
use crate::support::{Request, client, everywhere};

#[derive(Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum Ping {
    Ping,
}

struct Door;

/// Every kind of refusal.
enum Refusal {
    Status(StatusCode),
    Response(Response),
    Ours(Error),
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::Status(status) => status.into_response(),
            Self::Response(response) => response,
            Self::Ours(error) => error.into_response(),
        }
    }
}

struct Closed(EventLog);

impl Drop for Closed {
    fn drop(&mut self) {
        self.0.say(Event::Dropped);
    }
}

#[websocket("/door/<how>", message = Ping)]
impl Door {
    async fn accept(how: String, State(log): State<EventLog>) -> Result<Self, Refusal> {
        log.say(Event::Accepting);
        let _guard = Closed(log.clone());
        match how.as_str() {
            "open" => {
                log.say(Event::Accepted);
                Ok(Self)
            }
            "slow" => {
                tokio::time::sleep(Duration::from_secs(9)).await;
                log.say(Event::Accepted);
                Ok(Self)
            }
            "never" => pending().await,
            "panic" => panic!("on purpose"),
            "error" => Err(Refusal::Ours(std::io::Error::other("hunter2").into())),
            "json" => {
                let body = (StatusCode::CONFLICT, [("x-reason", "full")], Json(json!({"room": "full"})));
                Err(Refusal::Response(body.into_response()))
            }
            "unauthorized" => Err(Refusal::Response(Response::unauthorized("who are you?"))),
            "redirect" => {
                Err(Refusal::Response((StatusCode::FOUND, [("location", "/elsewhere")]).into_response()))
            }
            status => Err(Refusal::Status(StatusCode::from_str(status).unwrap())),
        }
    }

    async fn on_open(&mut self, ws: &WebSocketConnection) -> Result<()> {
        ws.send_text("open").await
    }

    #[on(Ping)]
    async fn ping(&self) {}

    async fn on_close(self, why: CloseCause, _ws: &WebSocketConnection) {
        println!("{why}");
        unreachable!("only where nothing looks at it");
    }
}

fn door() -> (Router<EventLog>, super::Events) {
    let (log, events) = log();
    (Router::new().state(log).mount_session::<Door>(), events)
}

#[tokio::test]
async fn a_refusal_is_an_http_response() {
    let (router, mut events) = door();
    let client = client(router);
    for status in [400, 401, 403, 404, 409, 418, 429, 500, 503] {
        let refused = client.request(&Door::uri(status)).rejection().await;
        assert_eq!((refused.status.as_u16(), refused.text()), (status, String::new()));
    }
    let refused = client.request("/door/unauthorized").rejection().await;
    assert_eq!((refused.status, refused.text().as_str()), (StatusCode::UNAUTHORIZED, "who are you?"));
    let refused = client.request("/door/json").rejection().await;
    assert_eq!((refused.status, refused.header("x-reason")), (StatusCode::CONFLICT, Some("full")));
    assert_eq!(refused.text(), r#"{"room":"full"}"#);
    let refused = client.request("/door/redirect").rejection().await;
    assert_eq!((refused.status, refused.header("location")), (StatusCode::FOUND, Some("/elsewhere")));
    let refused = client.request("/door/error").rejection().await;
    assert_eq!(refused.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(!refused.text().contains("hunter2"), "{}", refused.text());
    assert_eq!(client.connect("/door/open").await.recv_text().await, "open");
    client.shutdown().abort();
    client.shutdown().drain().await;
    let events = events.so_far();
    let count = |wanted: Event| events.iter().filter(|event| **event == wanted).count();
    // `on_close` would have logged an event.
    assert_eq!((count(Event::Accepting), count(Event::Accepted), count(Event::Dropped)), (14, 1, 14));
    assert_eq!(events.len(), 29, "{events:?}");
}

#[tokio::test]
async fn a_refusal_is_an_http_response_over_every_transport() {
    let (log, _events) = log();
    everywhere(
        move || Router::new().state(log.clone()).mount_session::<Door>(),
        async |server| {
            let (head, mut socket) = server.ask(&Request::upgrade("/door/unauthorized")).await;
            assert_eq!((head.status, socket.body(&head).await.as_str()), (401, "who are you?"));
            // The connection still speaks HTTP.
            assert_eq!(socket.ask(&Request::upgrade("/door/418")).await.status, 418);
            let (head, _) = server.ask(&Request::upgrade("/door/open")).await;
            assert_eq!(head.status, 101);
        },
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn accept_is_bounded_by_the_handshake_timeout() {
    let (router, mut events) = door();
    let client = client(router).deadline(Duration::from_secs(100));
    let start = Instant::now();
    assert_eq!(client.connect("/door/slow").await.recv_text().await, "open");
    assert_eq!(start.elapsed().as_secs(), 9);
    let start = Instant::now();
    let refused = client.request("/door/never").rejection().await;
    assert_eq!((refused.status, start.elapsed().as_secs()), (StatusCode::SERVICE_UNAVAILABLE, 10));
    let events = events.so_far();
    // The second session was dropped, and had accepted nothing.
    assert_eq!(events, [Event::Accepting, Event::Accepted, Event::Dropped, Event::Accepting, Event::Dropped]);
}

#[tokio::test(start_paused = true)]
async fn the_handshake_timeout_of_a_session_is_configurable() {
    let (log, _events) = log();
    let config = WebSocketConfig::default().handshake_timeout(Duration::from_secs(3));
    let router = Router::new().state(log).mount_session_with::<Door>(config);
    let client = client(router).deadline(Duration::from_secs(100));
    let start = Instant::now();
    let refused = client.request("/door/slow").rejection().await;
    assert_eq!((refused.status, start.elapsed().as_secs()), (StatusCode::SERVICE_UNAVAILABLE, 3));
}

/// A panic is the server's fault: the client gets only a 500, and others are not affected.
#[tokio::test]
async fn a_panic_in_accept_is_a_500() {
    let (log, mut events) = log();
    let server =
        crate::support::Transport::Plain.serve(Router::new().state(log).mount_session::<Door>()).await;
    let mut sibling = server.open("/door/open").await;
    sibling.expect_text("open").await;
    let (head, _socket) = server.ask(&Request::upgrade("/door/panic")).await;
    assert_eq!(head.status, 500);
    let mut next = server.open("/door/open").await;
    next.expect_text("open").await;
    assert!(events.so_far().iter().all(|event| !matches!(event, Event::Closing(_))));
}

/// Requests that the handshake itself refuses never get to `accept`.
#[tokio::test]
async fn accept_runs_after_all_other_checks() {
    let (router, mut events) = door();
    let client = client(router);
    let foreign = client.request("/door/open").header("origin", "https://evil.example").rejection().await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    assert_eq!(client.get("/door/open").await.status, StatusCode::UPGRADE_REQUIRED);
    let old = client.request("/door/open").header("sec-websocket-version", "8").rejection().await;
    assert_eq!(old.status, StatusCode::UPGRADE_REQUIRED);
    let keyless = client.request("/door/open").header("sec-websocket-key", "no key").rejection().await;
    assert_eq!(keyless.status, StatusCode::BAD_REQUEST);
    let body = client.request("/door/open").body("text/plain", "a body").rejection().await;
    assert_eq!(body.status, StatusCode::BAD_REQUEST);
    assert_eq!(client.request("/door").rejection().await.status, StatusCode::NOT_FOUND);
    assert_eq!(events.so_far(), []);
}

#[derive(Clone)]
struct App {
    log: EventLog,
    name: Name,
}

#[derive(Clone)]
struct Name(&'static str);

impl FromRef<App> for Name {
    fn from_ref(app: &App) -> Self {
        app.name.clone()
    }
}

impl FromRef<App> for EventLog {
    fn from_ref(app: &App) -> Self {
        app.log.clone()
    }
}

/// An extractor of the program: authentication.
struct User(String);

impl<S: Sync> FromRequestParts<S> for User {
    type Rejection = (StatusCode, &'static str);

    async fn from_request_parts(parts: &mut http::request::Parts, _: &S) -> Result<Self, Self::Rejection> {
        let user = parts.headers.get("x-user").and_then(|user| user.to_str().ok());
        user.map(|user| Self(user.to_owned())).ok_or((StatusCode::UNAUTHORIZED, "who?"))
    }
}

#[derive(Deserialize)]
struct Guest {
    mood: String,
}

struct Seat {
    told: String,
}

#[websocket("/rooms/<room>/<seat>/<rest..>", message = Ping)]
impl Seat {
    #[allow(clippy::too_many_arguments)]
    async fn accept(
        seat: u8,
        State(Name(name)): State<Name>,
        room: String,
        Query(Guest { mood }): Query<Guest>,
        user: User,
        rest: String,
        Extension(number): Extension<u16>,
    ) -> Self {
        Self { told: format!("{name} {room} {seat} {rest} {mood} {} {number}", user.0) }
    }

    async fn on_open(&mut self, ws: &WebSocketConnection) {
        ws.send_text(self.told.as_str()).await.unwrap();
    }

    #[on(Ping)]
    async fn ping(&self) {}
}

#[tokio::test]
async fn accept_takes_parameters_and_extractors() {
    let (log, _events) = log();
    let app = App { log, name: Name("app") };
    let ours = Router::new().state(app.clone()).mount_session::<Seat>().extension(9_u16);
    let axums = axum::Router::new().mount_session::<Seat>().with_state(app).layer(Extension(9_u16));
    for router in [ours.into_axum().unwrap(), axums] {
        let client = client(axum::Router::new().nest("/api", router));
        let path = format!("/api{}?mood=so%20so", Seat::uri("a b/c", 7, "x/y z"));
        let request = client.request(&path).header("x-user", "me");
        assert_eq!(request.connect().await.recv_text().await, "app a b/c 7 x/y z so so me 9");
        let nobody = client.request(&path).rejection().await;
        assert_eq!((nobody.status, nobody.text().as_str()), (StatusCode::UNAUTHORIZED, "who?"));
        let seat = client.request("/api/rooms/a/many/x?mood=x").header("x-user", "me").rejection().await;
        assert_eq!(seat.status, StatusCode::NOT_FOUND);
        let moody = client.request("/api/rooms/a/7/x").header("x-user", "me").rejection().await;
        assert_eq!(moody.status, StatusCode::BAD_REQUEST);
    }
    assert_eq!(Seat::PARAMETERS, ["room", "seat", "rest"]);
    assert_eq!(Seat::EXTRACTORS, ["State<Name>", "Query<Guest>", "User", "Extension<u16>"]);
}

#[tokio::test]
async fn a_session_may_have_its_own_subprotocols_and_limits() {
    let (log, _events) = log();
    let config = WebSocketConfig::default().subprotocols(["chat.v2"]).max_message_size(20);
    let client = client(Router::new().state(log).mount_session_with::<Door>(config));
    let mut socket = client.request("/door/open").subprotocol("chat.v2").connect().await;
    assert_eq!(socket.subprotocol(), Some("chat.v2"));
    assert_eq!(socket.recv_text().await, "open");
    socket.send_text(r#"{"type":"Ping"}"#).await;
    socket.send_text("x".repeat(21)).await;
    socket.expect_close(1009).await;
}

/// Two endpoints on one path conflict, whatever their shape.
#[test]
fn conflicts_are_reported() {
    #[websocket("/door/<other>")]
    async fn rival(other: String, ws: WebSocketConnection) -> Response {
        ws.send_text(other).await.unwrap();
        Response::ok()
    }
    let (router, _events) = door();
    let error = router.mount(rival).into_axum().unwrap_err();
    assert!(error.is_route(), "{error}");
}

/// A session that refuses with responses of a success.
struct Polite;

#[websocket("/polite/<how>", message = Ping)]
impl Polite {
    async fn accept(how: String) -> Result<Self, Response> {
        Err(match how.as_str() {
            "frame" => CloseFrame { code: 4000, reason: "no".into() }.into_response(),
            "text" => "no".into_response(),
            _ => StatusCode::NO_CONTENT.into_response(),
        })
    }

    #[on(Ping)]
    async fn ping(&self) {}
}

/// A refusal is never answered with a success: over HTTP/2 that would be an upgrade.
#[tokio::test]
async fn a_refusal_that_looks_like_success_is_a_403() {
    let client = client(Router::new().mount_session::<Polite>());
    for (how, status, text) in [("frame", 403, ""), ("text", 403, "no"), ("status", 403, "")] {
        let refused = client.request(&Polite::uri(how)).rejection().await;
        assert_eq!((refused.status.as_u16(), refused.text().as_str()), (status, text), "{how}");
    }
}
