//! Headers and cookies of the answer that opens a WebSocket.

use std::time::Duration;

use http::request::Parts;
use ignitia::{
    FromRequestParts, RouterExt,
    prelude::*,
    testing::TestClient,
    websocket::{Origin, WebSocketConfig},
};
use serde::Deserialize;

use crate::support::{Log, Request, Transport, echo, everywhere, within};

/// An extractor that sets a cookie in the answer, as one that renews a session does.
#[derive(Clone)]
struct Visitor;

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let headers = ResponseHeaders::from_request_parts(parts, state).await?;
        headers.set_cookie("visitor=7; Path=/; HttpOnly")?;
        headers.append("x-by", "the extractor")?;
        Ok(Self)
    }
}

#[derive(Deserialize, ClientMessage)]
#[serde(tag = "type")]
enum Ask {
    Again,
}

struct Session(ResponseHeaders);

#[websocket("/session", message = Ask)]
impl Session {
    async fn accept(_visitor: Visitor, headers: ResponseHeaders) -> Result<Self> {
        headers.append("x-by", "accept")?;
        Ok(Self(headers))
    }

    async fn on_open(&mut self, ws: &WebSocketConnection) -> Result<()> {
        ws.send_text(is_late(&self.0)).await
    }

    #[on(Again)]
    async fn again(&mut self) {}
}

#[websocket("/messages", on_message)]
async fn messages(
    _visitor: Visitor,
    headers: ResponseHeaders,
    ws: WebSocketConnection,
    ask: Ask,
) -> Result<()> {
    let Ask::Again = ask;
    ws.send_text(is_late(&headers)).await
}

#[websocket("/function")]
async fn function(_visitor: Visitor, headers: ResponseHeaders, ws: WebSocketConnection) -> Result<Response> {
    by_hand(Visitor, headers, ws).await
}

async fn by_hand(_: Visitor, headers: ResponseHeaders, ws: WebSocketConnection) -> Result<Response> {
    headers.append("x-by", "the handler")?;
    ws.accept().await?;
    ws.send_text(is_late(&headers)).await?;
    Ok(Response::ok())
}

/// Tries every way to set a header too late, and returns the error.
fn is_late(headers: &ResponseHeaders) -> &'static str {
    let late = [headers.insert("x-late", "1"), headers.append("x-late", "1"), headers.set_cookie("late=1")];
    if late.into_iter().all(|late| late.is_err_and(|error| error.is_answered())) { "late" } else { "in time" }
}

fn router() -> Router {
    Router::new()
        .mount_session::<Session>()
        .mount(messages)
        .mount(function)
        .websocket("/by_hand", by_hand)
        .websocket("/ended", async |headers: ResponseHeaders, _: WebSocketConnection| {
            headers.insert("x-by", "a handler that has ended").unwrap();
            Response::ok()
        })
}

/// Every kind of endpoint, over every transport: the 101, and the 200 of HTTP/2.
#[tokio::test]
async fn headers_and_cookies_are_in_the_answer() {
    everywhere(router, async |server| {
        for (path, by) in [
            ("/session", &["the extractor", "accept"][..]),
            ("/messages", &["the extractor"]),
            ("/function", &["the extractor", "the handler"]),
            ("/by_hand", &["the extractor", "the handler"]),
            ("/ended", &["a handler that has ended"]),
        ] {
            println!("{path}");
            let (head, mut socket) = server.ask(&Request::upgrade(path)).await;
            assert_eq!(head.status, 101, "{head:?}");
            assert_eq!(head.all("x-by"), by, "{head:?}");
            let cookie = (path != "/ended").then_some("visitor=7; Path=/; HttpOnly");
            assert_eq!(head.get("set-cookie"), cookie);
            if path == "/ended" {
                socket.expect_close(1000).await;
                continue;
            }
            if path == "/messages" {
                socket.send(&crate::support::text(r#"{"type":"Again"}"#)).await;
            }
            socket.expect_text("late").await;
        }
    })
    .await;
}

#[tokio::test]
async fn the_test_client_sees_headers_and_cookies() {
    let client = TestClient::new(router()).unwrap();
    let socket = client.connect("/by_hand").await;
    assert_eq!(socket.headers()["set-cookie"], "visitor=7; Path=/; HttpOnly");
    let axums = axum::Router::new().websocket("/by_hand", by_hand);
    let socket = TestClient::new(axums).unwrap().connect("/by_hand").await;
    assert_eq!(socket.headers()["set-cookie"], "visitor=7; Path=/; HttpOnly");
}

/// A handler that does not decide is upgraded after the window, with the headers that it has set.
#[tokio::test(start_paused = true)]
async fn the_answer_at_the_end_of_the_decision_window_has_them_too() {
    let router = Router::new().websocket("/", async |headers: ResponseHeaders, ws: WebSocketConnection| {
        headers.insert("x-by", "who waits").unwrap();
        tokio::time::sleep(Duration::from_secs(5)).await;
        ws.send_text(is_late(&headers)).await.unwrap();
        Response::ok()
    });
    let mut socket = TestClient::new(router).unwrap().deadline(Duration::from_secs(9)).connect("/").await;
    assert_eq!(socket.headers()["x-by"], "who waits");
    assert_eq!(socket.recv_text().await, "late");
}

/// A refusal has the headers of its own response.
#[tokio::test]
async fn a_refusal_has_its_own_headers_and_none_of_these() {
    #[derive(Clone)]
    struct Never;

    impl<S: Sync> FromRequestParts<S> for Never {
        type Rejection = Response;

        async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Response> {
            Err(([("x-own", "yes")], StatusCode::FORBIDDEN).into_response())
        }
    }

    async fn refuses(_: Visitor, _: WebSocketConnection) -> impl IntoResponse {
        (StatusCode::UNAUTHORIZED, [("x-own", "yes"), ("set-cookie", "own=1")])
    }
    async fn never(_: Visitor, _: Never, ws: WebSocketConnection) -> Result<Response> {
        echo(ws).await
    }
    async fn panics(_: Visitor, ws: WebSocketConnection) -> Result<Response> {
        if ws.is_closed() { Ok(Response::ok()) } else { panic!("on purpose") }
    }
    let strict = WebSocketConfig::default().origin(Origin::allow(["https://app.example"]));
    let router = Router::new()
        .websocket("/refuses", refuses)
        .websocket("/never", never)
        .websocket("/panics", panics)
        .websocket_with("/origin", by_hand, strict);
    let client = TestClient::new(router).unwrap();
    for (path, status, cookie) in [
        ("/refuses", 401, Some("own=1")),
        ("/never", 403, None),
        ("/panics", 500, None),
        ("/origin", 403, None),
    ] {
        let refused = client.request(path).header("origin", "https://localhost").rejection().await;
        assert_eq!((refused.status.as_u16(), refused.header("set-cookie")), (status, cookie), "{path}");
        assert_eq!(refused.header("x-by"), None, "{path}");
    }
    assert_eq!(client.request("/refuses").rejection().await.header("x-own"), Some("yes"));
}

/// Headers that are set in vain are an error for the remaining holder of the handle.
#[tokio::test]
async fn setting_headers_after_a_refusal_is_an_error() {
    let (sender, mut handles) = tokio::sync::mpsc::unbounded_channel();
    let router = Router::new().websocket("/", move |headers: ResponseHeaders, _: WebSocketConnection| {
        sender.send(headers).unwrap();
        async { Response::unauthorized("no") }
    });
    let client = TestClient::new(router).unwrap();
    client.request("/").rejection().await;
    assert_eq!(is_late(&handles.recv().await.unwrap()), "late");
}

/// The same when no client waits for the answer any more.
#[tokio::test]
async fn setting_headers_after_the_client_has_left_is_an_error() {
    let (sender, mut handles) = tokio::sync::mpsc::unbounded_channel();
    let config = WebSocketConfig::default().decision_window(None);
    let router = Router::new().websocket_config(config).websocket(
        "/",
        move |headers: ResponseHeaders, _: WebSocketConnection| {
            sender.send(headers).unwrap();
            std::future::pending::<Response>()
        },
    );
    let server = Transport::Plain.serve(router).await;
    let mut socket = server.connect().await;
    socket.request(&Request::upgrade("/")).await;
    let headers = within("a handle", handles.recv()).await.unwrap();
    assert_eq!(is_late(&headers), "in time");
    socket.reset();
    within("the end of the request", async {
        while is_late(&headers) == "in time" {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

/// The headers stand beside those of the answer itself, and a layer may add more.
#[tokio::test]
async fn headers_of_the_handshake_itself_cannot_be_replaced() {
    let config = WebSocketConfig::default().subprotocols(["chat"]);
    let router = Router::new().websocket_config(config).websocket(
        "/",
        async |headers: ResponseHeaders, RequestId(_): RequestId, ws: WebSocketConnection| {
            for name in ["connection", "upgrade", "sec-websocket-accept", "sec-websocket-protocol"] {
                assert!(headers.insert(name, "x").unwrap_err().is_invalid_input());
            }
            headers.insert("date", "long ago").unwrap();
            headers.insert("x-request-id", "mine").unwrap();
            echo(ws).await
        },
    );
    let client = TestClient::new(router).unwrap();
    let socket = client.request("/").subprotocol("chat").header("x-request-id", "theirs").connect().await;
    for (name, value) in [
        ("connection", "upgrade"),
        ("upgrade", "websocket"),
        ("date", "long ago"),
        ("x-request-id", "theirs"),
    ] {
        assert_eq!(socket.headers()[name], value);
    }
    assert_eq!(socket.subprotocol(), Some("chat"));
}

/// On a route of another kind they would be lost.
#[tokio::test]
async fn a_page_cannot_extract_response_headers() {
    let (log, _guard) = Log::begin();
    let router = Router::new().get("/page", async |_: ResponseHeaders| "a page");
    let client = TestClient::new(router).unwrap();
    assert_eq!(client.get("/page").await.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(log.line("is only for WebSocket routes").await.contains("/page"));
}
