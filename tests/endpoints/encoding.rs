//! Literals of a path are compared decoded, in whatever way clients encode them.

use axum::extract::MatchedPath;
use ignitia::{IntoRouter, RouterExt, prelude::*};

use crate::support::{Request, Running, Transport, everywhere};

#[websocket("/café/<name>")]
async fn cafe(name: String, path: MatchedPath, ws: WebSocketConnection) -> Result<Response> {
    assert!(path.as_str().ends_with("/{name}"));
    ws.send_text(name).await?;
    Ok(Response::ok())
}

#[websocket("/@me/<rest..>")]
async fn tail(rest: String, ws: WebSocketConnection) -> Result<Response> {
    ws.send_text(rest).await?;
    Ok(Response::ok())
}

#[websocket("/%2Astar/%3acolon")]
async fn marked(ws: WebSocketConnection) -> Result<Response> {
    ws.send_text("marked").await?;
    Ok(Response::ok())
}

async fn asks(server: &Running, path: &str) -> Option<String> {
    let (head, mut socket) = server.ask(&Request::upgrade(path)).await;
    match head.status {
        101 => Some(String::from_utf8(socket.frame().await.payload).unwrap()),
        404 => None,
        _ => panic!("{path}: {head:?}"),
    }
}

#[test]
fn uris_are_encoded_and_reflection_is_as_written() {
    assert_eq!((cafe::PATH, cafe::uri("x y")), ("/café/<name>", "/caf%C3%A9/x%20y".to_owned()));
    assert_eq!(tail::uri("a/b"), "/@me/a/b");
}

#[tokio::test]
async fn every_encoding_of_a_client_matches() {
    fn ours() -> Router {
        Router::new().mount(cafe).mount(tail)
    }
    fn nested() -> Router {
        Router::new().nest("/größe", ours())
    }
    fn axums() -> Router {
        axum::Router::new().mount(cafe).mount(tail).into_router()
    }
    for (router, prefixes) in [
        (ours as fn() -> Router, &[""][..]),
        (nested, &["/gr%C3%B6%C3%9Fe", "/gr%c3%b6%c3%9fe"]),
        (axums, &[""]),
    ] {
        everywhere(router, async |server| {
            for prefix in prefixes {
                for (path, expected) in [
                    ("/caf%C3%A9/x", "x"),
                    ("/caf%c3%a9/J%c3%b6rg", "Jörg"),
                    ("/caf%C3%A9/%2e%2E", ".."),
                    ("/caf%C3%A9/a%2Fb", "a/b"),
                    ("/@me/a/b", "a/b"),
                    ("/%40me/a/%2E%2E/b%2f", "a/../b/"),
                ] {
                    assert_eq!(
                        asks(&server, &format!("{prefix}{path}")).await.as_deref(),
                        Some(expected),
                        "{path}"
                    );
                }
                for path in ["/cafe/x", "/caf%E9/x", "/caf%C3%A9", "/caf%25C3%25A9/x", "/caf%C3%A9%2Fx"] {
                    assert_eq!(asks(&server, &format!("{prefix}{path}")).await, None, "{path}");
                }
            }
        })
        .await;
    }
}

/// axum takes them for parameters of its earlier versions, unless it is told otherwise.
#[tokio::test]
async fn a_segment_may_begin_with_an_asterisk_or_a_colon() {
    fn ours() -> Router {
        Router::new().mount(marked)
    }
    fn nested() -> Router {
        Router::new().nest("/%3A", ours())
    }
    fn merged() -> Router {
        Router::new().merge(Router::new().nest("/%3A", ours()))
    }
    fn axums() -> Router {
        axum::Router::new().mount(marked).into_router()
    }
    for (router, prefixes) in [
        (ours as fn() -> Router, &[""][..]),
        (nested, &["/:", "/%3A"]),
        (merged, &["/:", "/%3a"]),
        (axums, &[""]),
    ] {
        everywhere(router, async |server| {
            for prefix in prefixes {
                for path in ["/*star/:colon", "/*star/%3Acolon", "/%2Astar/%3Acolon", "/%2astar/%3acolon"] {
                    let path = format!("{prefix}{path}");
                    assert_eq!(asks(&server, &path).await.as_deref(), Some("marked"), "{path}");
                }
            }
        })
        .await;
    }
}

/// Only our own server normalizes a path to the form of the URL standard, with the same meaning.
#[tokio::test]
async fn our_server_matches_every_spelling_of_a_url() {
    let server =
        Transport::Plain.serve(Router::new().mount(cafe).get("/ws-1.0/~x", || async { "found" })).await;
    for path in ["/%63af%C3%A9/x", "/caf%c3%A9/%78"] {
        assert_eq!(asks(&server, path).await.as_deref(), Some("x"), "{path}");
    }
    for path in ["/%77s-1%2E0/%7Ex", "/ws%2D1.0/~%78?a=%7e"] {
        let (head, mut socket) = server.ask(&Request::get(path)).await;
        assert_eq!(socket.body(&head).await, "found", "{path}");
    }
}

/// Clients may send UTF-8 without encoding it.
#[tokio::test]
async fn raw_utf8_bytes_match_too() {
    everywhere(
        || Router::new().mount(cafe),
        async |server| {
            if server.transport == Transport::Http2 {
                return; // A client of HTTP/2 has no way to write them.
            }
            assert_eq!(asks(&server, "/café/Jörg").await.as_deref(), Some("Jörg"));
        },
    )
    .await;
}

#[tokio::test]
async fn the_same_path_twice_is_an_error_however_it_is_written() {
    let page = || async { "" };
    let error = Router::new().get("/café", page).get("/caf%c3%a9", page).into_axum().unwrap_err();
    assert_eq!(error.to_string(), "the path `/café` is registered twice");
}
