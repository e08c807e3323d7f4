//! Decisions before the 101: they are HTTP answers.

use std::time::Duration;

use axum::{http::request::Parts, middleware::Next};
use ignitia::{FromRequestParts, prelude::*, websocket::WebSocketConfig};
use tokio::sync::mpsc::unbounded_channel;

use crate::support::{Head, Request, echo, everywhere, next, text};

/// An extractor that refuses requests without a token.
struct Token;

impl<S: Sync> FromRequestParts<S> for Token {
    type Rejection = (StatusCode, [(&'static str, &'static str); 1], &'static str);

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let token = parts.headers.get("authorization");
        let refused = (StatusCode::UNAUTHORIZED, [("www-authenticate", "Bearer")], "log in first");
        token.map(|_| Token).ok_or(refused)
    }
}

#[derive(Debug, serde::Deserialize)]
struct Page {
    number: u32,
}

#[tokio::test]
async fn an_extractor_that_fails_is_an_http_answer_and_no_handler_runs() {
    let (log, mut reports) = unbounded_channel();
    let router = || {
        let log = log.clone();
        let run = move |ws| {
            log.send(()).unwrap();
            echo(ws)
        };
        let again = run.clone();
        Router::new()
            .websocket("/token", move |_: Token, ws: WebSocketConnection| run(ws))
            .websocket("/page", move |Query(page): Query<Page>, ws: WebSocketConnection| {
                assert!(page.number > 0);
                again(ws)
            })
            .websocket("/number/{number}", |_: Path<u32>, ws: WebSocketConnection| echo(ws))
    };
    everywhere(router, async |server| {
        let (head, mut socket) = server.ask(&Request::upgrade("/token")).await;
        assert_eq!((head.status, head.get("www-authenticate")), (401, Some("Bearer")));
        assert_eq!(socket.body(&head).await, "log in first");
        for path in ["/page", "/page?number=x", "/number/x"] {
            let (head, mut socket) = server.ask(&Request::upgrade(path)).await;
            assert_eq!(head.status, 400, "{path}: {head:?}");
            assert!(!socket.body(&head).await.is_empty(), "{path}: the answer gives no reason");
        }
        assert!(reports.is_empty(), "a handler ran for a request that was refused");
        let request = Request::upgrade("/token").set("Authorization", &["Bearer x"]);
        let (head, mut socket) = server.ask(&request).await;
        assert_eq!(head.status, 101);
        next(&mut reports).await;
        socket.send(&text("hi")).await;
        socket.expect_text("hi").await;
    })
    .await;
}

#[tokio::test]
async fn a_handlers_return_value_before_the_upgrade_is_the_answer() {
    async fn decides(Path(how): Path<String>, ws: WebSocketConnection) -> Result<Response> {
        // A clone that is kept, and a handle that is dropped, decide nothing.
        let _kept = ws.clone();
        drop(ws);
        tokio::task::yield_now().await;
        Ok(match &how[..] {
            "unauthorized" => Response::unauthorized("Invalid token"),
            "redirect" => (StatusCode::FOUND, [("location", "/elsewhere")]).into_response(),
            "unavailable" => StatusCode::SERVICE_UNAVAILABLE.into_response(),
            "json" => (StatusCode::CONFLICT, Json(json!({ "seat": 7 }))).into_response(),
            "error" => return Err("no address".parse::<std::net::SocketAddr>().unwrap_err().into()),
            "panic" => panic!("as the test wants it"),
            "frame" => CloseFrame { code: 4001, reason: "bye".into() }.into_response(),
            "text" => "welcome".into_response(),
            status => StatusCode::from_u16(status.parse().unwrap()).unwrap().into_response(),
        })
    }
    everywhere(
        || Router::new().websocket("/{how}", decides),
        async |server| {
            for (how, status, body) in [
                ("unauthorized", 401, "Invalid token"),
                ("redirect", 302, ""),
                ("unavailable", 503, ""),
                ("json", 409, r#"{"seat":7}"#),
                ("404", 404, ""),
                ("error", 500, ""),
                ("panic", 500, ""),
            ] {
                println!("{how}");
                let (head, mut socket) = server.ask(&Request::upgrade(&format!("/{how}"))).await;
                assert_eq!(head.status, status, "{head:?}");
                assert_eq!(head.get("location"), (status == 302).then_some("/elsewhere"));
                assert_eq!(head.get("sec-websocket-accept"), None);
                assert_eq!(socket.body(&head).await, body);
            }
            for (how, code, reason) in
                [("200", 1000, ""), ("204", 1000, ""), ("text", 1000, ""), ("frame", 4001, "bye")]
            {
                println!("{how}");
                let mut socket = server.open(&format!("/{how}")).await;
                assert_eq!(socket.expect_close(code).await, reason);
            }
        },
    )
    .await;
}

#[tokio::test]
async fn extractors_that_hang_are_a_503_after_the_handshake_timeout() {
    struct Hangs;
    impl<S: Sync> FromRequestParts<S> for Hangs {
        type Rejection = StatusCode;
        async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, StatusCode> {
            std::future::pending().await
        }
    }
    let config = WebSocketConfig::default().handshake_timeout(Duration::from_millis(100));
    let router =
        || Router::new().websocket_with("/ws", |_: Hangs, ws: WebSocketConnection| echo(ws), config.clone());
    everywhere(router, async |server| {
        let (head, _socket) = server.ask(&Request::upgrade("/ws")).await;
        assert_eq!(head.status, 503);
    })
    .await;
}

/// A handler that only sends, and later, is upgraded at the end of its decision window.
#[tokio::test]
async fn a_handler_that_does_not_decide_is_upgraded_after_the_decision_window() {
    async fn undecided(_ws: WebSocketConnection) -> Response {
        std::future::pending().await
    }
    let config = WebSocketConfig::default().decision_window(Duration::from_millis(50));
    everywhere(
        || Router::new().websocket_with("/ws", undecided, config.clone()),
        async |server| {
            server.open("/ws").await;
        },
    )
    .await;
}

#[tokio::test]
async fn middleware_sees_upgrades_and_may_refuse_them() {
    async fn guard(request: axum::extract::Request, next: Next) -> Response {
        if request.headers().contains_key("x-forbidden") {
            return Response::forbidden("the layer says no");
        }
        let mut response = next.run(request).await;
        response.headers_mut().insert("x-layer", "was here".parse().unwrap());
        response
    }
    let timeout = || {
        tower_http::timeout::TimeoutLayer::with_status_code(
            StatusCode::REQUEST_TIMEOUT,
            Duration::from_secs(60),
        )
    };
    let router = || {
        let inner = Router::new().websocket("/ws", echo).layer(axum::middleware::from_fn(guard));
        Router::new().nest("/api", inner).layer(timeout())
    };
    let was_here = |head: &Head| head.get("x-layer") == Some("was here");
    everywhere(router, async |server| {
        let (head, mut socket) = server.ask(&Request::upgrade("/api/ws")).await;
        assert!(head.status == 101 && was_here(&head), "{head:?}");
        socket.send(&text("hi")).await;
        socket.expect_text("hi").await;
        let (head, _socket) =
            server.ask(&Request::upgrade("/api/ws").set("Sec-WebSocket-Version", &["8"])).await;
        assert!([426, 400].contains(&head.status) && was_here(&head), "{head:?}");
        let (head, mut socket) = server.ask(&Request::upgrade("/api/ws").set("X-Forbidden", &["yes"])).await;
        assert_eq!(head.status, 403);
        assert_eq!(socket.body(&head).await, "the layer says no");
    })
    .await;
}
