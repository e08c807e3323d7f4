//! Forms that an annotated function may have.

use ignitia::prelude::*;

use crate::support::client;

type Ws = WebSocketConnection;

#[websocket("/alias")]
async fn under_an_alias(ws: Ws) -> impl IntoResponse {
    ws.send_text("alias").await.unwrap();
    "opaque"
}

#[websocket("/generic/<value>")]
async fn generic<T>(value: T, ws: WebSocketConnection) -> CloseFrame
where
    T: std::str::FromStr + std::fmt::Debug + Send,
{
    ws.send_text(format!("{value:?}")).await.unwrap();
    CloseFrame { code: 4000, reason: String::new() }
}

#[cfg(any())]
#[websocket("/never")]
async fn never(ws: OfNoType) -> Response {}

/// Documented, and with an attribute.
#[allow(clippy::unused_async)]
#[websocket("/decorated")]
async fn decorated(mut ws: WebSocketConnection) -> Result<Response, Error> {
    ws.recv().await;
    Err(std::io::Error::other("on purpose").into())
}

macro_rules! endpoint {
    ($name:ident, $path:literal, $argument:ident) => {
        #[websocket($path)]
        async fn $name($argument: String, ws: WebSocketConnection) -> Result<Response> {
            ws.send_text($argument).await?;
            Ok(Response::ok())
        }
    };
}

endpoint!(by_macro, "/macro/<word>", word);

#[websocket("/config")]
async fn config(__ws: WebSocketConnection) -> Response {
    __ws.send_text("config").await.unwrap();
    Response::ok()
}

#[tokio::test]
async fn every_form_of_function_is_accepted() {
    let router = Router::new()
        .mount(under_an_alias)
        .mount(generic::<u8>)
        .mount(decorated)
        .mount(by_macro)
        .mount(config);
    let client = client(router);
    let mut socket = client.connect("/alias").await;
    assert_eq!(socket.recv_text().await, "alias");
    socket.expect_close(1000).await;
    let mut socket = client.connect("/generic/7").await;
    assert_eq!(socket.recv_text().await, "7");
    socket.expect_close(4000).await;
    let mut socket = client.connect("/decorated").await;
    socket.send_text("go").await;
    socket.expect_close(1011).await;
    assert_eq!(client.connect("/macro/hello").await.recv_text().await, "hello");
    assert_eq!(client.connect("/config").await.recv_text().await, "config");
    assert_eq!(client.request("/generic/x").rejection().await.status, StatusCode::NOT_FOUND);
}
