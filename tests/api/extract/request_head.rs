//! `Headers`, `Cookies` and `RequestId`: extractors of the head of a request.

use ignitia::prelude::*;
use serde::Deserialize;

use crate::support::client;

async fn headers(Headers(headers): Headers, ws: WebSocketConnection) -> Response {
    let Some(auth) = headers.get("authorization") else {
        return Response::unauthorized("Send an Authorization header");
    };
    let Ok(auth) = auth.to_str() else { return Response::bad_request("ASCII, please") };
    ws.send_text(auth).await.ok();
    ws.send_json(&headers.get_all("x-many").iter().count()).await.ok();
    Response::ok()
}

async fn cookies(Cookies(cookies): Cookies, ws: WebSocketConnection) -> Result<Response> {
    let Some(session) = cookies.get("session_id") else {
        return Ok(Response::unauthorized("Log in first"));
    };
    ws.send_json(&(session, cookies.get("theme"), cookies.iter().count())).await?;
    Ok(Response::ok())
}

#[derive(Deserialize)]
struct Login {
    token: String,
}

async fn identified(
    RequestId(id): RequestId,
    Query(login): Query<Login>,
    ws: WebSocketConnection,
) -> Result<Response> {
    if login.token != "let me in" {
        return Ok(Response::unauthorized("Invalid token"));
    }
    ws.send_text(id).await?;
    Ok(Response::ok())
}

async fn identified_last(
    Query(_): Query<Login>,
    RequestId(id): RequestId,
    ws: WebSocketConnection,
) -> Response {
    ws.send_text(id).await.ok();
    Response::ok()
}

#[tokio::test]
async fn headers_are_found_by_name_in_any_case() {
    let client = client(Router::new().websocket("/ws", headers));
    let request = client.request("/ws").header("Authorization", "Bearer abc");
    let mut socket = request.header("x-many", "1").header("X-Many", "2").connect().await;
    assert_eq!(socket.recv_text().await, "Bearer abc");
    assert_eq!(socket.recv_json::<usize>().await, 2);
    assert_eq!(client.request("/ws").rejection().await.text(), "Send an Authorization header");
}

#[tokio::test]
async fn cookies_are_found_by_name() {
    let client = client(Router::new().websocket("/ws", cookies));
    let request = client.request("/ws").header("cookie", "theme=dark; session_id=abc%3D; broken; =x");
    let mut socket = request.header("cookie", "more=\"quoted\"").connect().await;
    let (session, theme, _): (String, Option<String>, usize) = socket.recv_json().await;
    assert_eq!((session.as_str(), theme.as_deref()), ("abc%3D", Some("dark")));
    let mut socket = client.request("/ws").header("cookie", "session_id=x").connect().await;
    assert_eq!(socket.recv_json::<(String, Option<String>, usize)>().await, ("x".into(), None, 1));
    let refused = client.request("/ws").header("cookie", "theme=dark").rejection().await;
    assert_eq!((refused.status, refused.text()), (StatusCode::UNAUTHORIZED, "Log in first".into()));
}

#[tokio::test]
async fn a_request_id_is_taken_and_echoed() {
    let client = client(Router::new().websocket("/ws", identified));
    let request = client.request("/ws?token=let+me+in").header("x-request-id", "r-17");
    let mut socket = request.connect().await;
    assert_eq!(socket.headers()["x-request-id"], "r-17");
    assert_eq!(socket.recv_text().await, "r-17");
}

#[tokio::test]
async fn a_missing_request_id_is_made_and_echoed() {
    let client = client(Router::new().websocket("/ws", identified));
    let mut ids = Vec::new();
    for _ in 0..2 {
        let mut socket = client.connect("/ws?token=let+me+in").await;
        let id = socket.recv_text().await;
        assert!(!id.is_empty());
        assert_eq!(socket.headers()["x-request-id"], id.as_str());
        ids.push(id);
    }
    assert_ne!(ids[0], ids[1]);
}

#[tokio::test]
async fn a_malformed_request_id_is_replaced() {
    let client = client(Router::new().websocket("/ws", identified));
    let long = "x".repeat(1000);
    for bad in ["two words", "", &long] {
        let mut socket = client.request("/ws?token=let+me+in").header("x-request-id", bad).connect().await;
        assert_ne!(socket.recv_text().await, bad);
    }
}

#[tokio::test]
async fn refusals_echo_the_request_id() {
    let client = client(Router::new().websocket("/ws", identified));
    for (path, status) in [("/ws?token=wrong", StatusCode::UNAUTHORIZED), ("/ws", StatusCode::BAD_REQUEST)] {
        let refused = client.request(path).header("x-request-id", "r-18").rejection().await;
        assert_eq!((refused.status, refused.header("x-request-id")), (status, Some("r-18")));
    }
}

/// The id exists to find the log lines of exactly such requests.
#[tokio::test]
async fn early_refusals_echo_the_request_id() {
    let client = client(Router::new().websocket("/ws", identified_last));
    for (path, origin, status) in [
        ("/ws", None, StatusCode::BAD_REQUEST),
        ("/ws?token=x", Some("https://evil.example"), StatusCode::FORBIDDEN),
    ] {
        let mut request = client.request(path).header("x-request-id", "r-19");
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        let refused = request.rejection().await;
        assert_eq!((refused.status, refused.header("x-request-id")), (status, Some("r-19")));
    }
}

#[tokio::test]
async fn a_route_that_takes_no_request_id_makes_none() {
    let client = client(Router::new().websocket("/ws", headers));
    let refused = client.request("/ws").rejection().await;
    assert_eq!(refused.header("x-request-id"), None);
    let refused = client.request("/ws").header("x-request-id", "r-20").rejection().await;
    assert_eq!(refused.header("x-request-id"), Some("r-20"));
}

/// Browsers send the cookies that pages set, and those need not be ASCII.
#[tokio::test]
async fn one_unreadable_cookie_does_not_hide_the_others() {
    use crate::support::{Request, everywhere};
    let router = || {
        Router::new().websocket("/ws", |cookies: Cookies, ws: WebSocketConnection| async move {
            let all: Vec<(&str, &str)> = cookies.iter().collect();
            ws.send_json(&all).await?;
            Ok::<_, Error>(Response::ok())
        })
    };
    let lines = "session=abc; n=Jörg; theme=dark";
    everywhere(router, async |server| {
        let (_, mut socket) = server.ask(&Request::upgrade("/ws").set("Cookie", &[lines])).await;
        socket.expect_text(r#"[["session","abc"],["n","Jörg"],["theme","dark"]]"#).await;
    })
    .await;
    let server = crate::support::Transport::Plain.serve(router()).await;
    let mut socket = server.connect().await;
    let request = Request::upgrade("/ws").set("Cookie", &["session=abc; n=J?rg; theme=dark"]);
    let latin1: Vec<u8> =
        request.to_bytes().iter().map(|byte| if *byte == b'?' { 0xf6 } else { *byte }).collect();
    socket.send(&latin1).await;
    assert_eq!(socket.head().await.status, 101);
    socket.expect_text(r#"[["session","abc"],["theme","dark"]]"#).await;
}
