//! Extractors that panic: user code that runs before the WebSocket exists, in the task that serves
//! the request.

use axum::http::request::Parts;
use ignitia::{FromRequestParts, prelude::*};

use crate::support::{End, RawSocket, Request, Transport, close, echo, everywhere, text};

/// An extractor that panics at the point that the query names, or not at all.
struct Panics;

impl<S: Sync> FromRequestParts<S> for Panics {
    type Rejection = StatusCode;

    /// Not an `async fn`: it may panic before there is a future.
    fn from_request_parts(parts: &mut Parts, _: &S) -> impl Future<Output = Result<Self, StatusCode>> + Send {
        let when = parts.uri.query().unwrap_or_default().to_owned();
        assert_ne!(when, "at-once", "on purpose");
        async move {
            assert_ne!(when, "polled", "on purpose");
            tokio::task::yield_now().await;
            assert_ne!(when, "later", "on purpose");
            Ok(Self)
        }
    }
}

/// A rejection that panics when it is converted into a response.
struct PanicsAsAnswer;

impl IntoResponse for PanicsAsAnswer {
    fn into_response(self) -> Response {
        panic!("on purpose");
    }
}

struct Rejects;

impl<S: Sync> FromRequestParts<S> for Rejects {
    type Rejection = PanicsAsAnswer;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, PanicsAsAnswer> {
        Err(PanicsAsAnswer)
    }
}

#[websocket("/annotated")]
async fn annotated(_: Panics, ws: WebSocketConnection) -> Result<Response> {
    echo(ws).await
}

fn router() -> Router {
    Router::new()
        .websocket("/ws", |_: Panics, ws: WebSocketConnection| echo(ws))
        .websocket("/rejects", |_: Rejects, ws: WebSocketConnection| echo(ws))
        .mount(annotated)
        .get("/page", || async { "a page" })
}

/// Opens a WebSocket on this connection, exchanges a message, and closes.
async fn converse(socket: &mut RawSocket, path: &str) {
    socket.upgrade(path).await;
    socket.send(&text("hello")).await;
    socket.expect_text("hello").await;
    socket.send(&close(1000, "")).await;
    socket.expect_close(1000).await;
    assert_eq!(socket.end().await, End::Eof);
}

const PANICS: [&str; 7] = [
    "/ws?at-once",
    "/ws?polled",
    "/ws?later",
    "/rejects",
    "/annotated?at-once",
    "/annotated?polled",
    "/annotated?later",
];

/// The answer is a 500; the connection and the server continue.
#[tokio::test]
async fn a_panic_in_an_extractor_is_a_500_and_the_connection_goes_on() {
    everywhere(router, async |server| {
        let mut bystander = server.open("/ws").await;
        let mut last = server.connect().await;
        for path in PANICS {
            let (head, mut socket) = server.ask(&Request::upgrade(path)).await;
            assert_eq!(head.status, 500, "{path}: {head:?}");
            assert_eq!(socket.body(&head).await, "", "the panic message is not sent");
            // The same connection serves a page, another panic, and a WebSocket.
            let page = socket.ask(&Request::get("/page")).await;
            assert_eq!(socket.body(&page).await, "a page");
            let again = socket.ask(&Request::upgrade(path)).await;
            assert_eq!((again.status, socket.body(&again).await), (500, String::new()));
            converse(&mut socket, "/ws").await;
            assert_eq!(last.ask(&Request::upgrade(path)).await.status, 500);
        }
        converse(&mut last, "/annotated").await;
        bystander.send(&text("still there")).await;
        bystander.expect_text("still there").await;
        bystander.send(&close(1000, "")).await;
        bystander.expect_close(1000).await;
        drop(bystander);
        // The server does not wait for a request that has panicked.
        let report = crate::support::within("the end of the server", server.stop()).await.unwrap();
        assert_eq!(report.aborted, 0);
    })
    .await;
}

/// The same with the routes in an axum application.
#[tokio::test]
async fn a_panic_in_an_extractor_is_a_500_in_an_application_of_axum() {
    let app = || {
        axum::Router::new()
            .route("/page", axum::routing::get(async || "a page"))
            .websocket("/ws", |_: Panics, ws: WebSocketConnection| echo(ws))
            .nest("/nested", router().into_axum().unwrap())
    };
    for transport in Transport::ALL {
        println!("served by {transport:?}");
        let server = transport.serve(app()).await;
        for path in ["/ws?at-once", "/ws?polled", "/ws?later", "/nested/ws?later", "/nested/rejects"] {
            let (head, mut socket) = server.ask(&Request::upgrade(path)).await;
            assert_eq!((head.status, socket.body(&head).await), (500, String::new()), "{path}");
            converse(&mut socket, "/ws").await;
        }
    }
}
