//! Close codes of the responses that a handler returns after the upgrade.

use ignitia::{prelude::*, testing::TestClient, websocket::CloseCode};

use crate::support::client;

async fn status(Path(status): Path<u16>, ws: WebSocketConnection) -> Result<impl IntoResponse> {
    ws.accept().await?;
    Ok((StatusCode::from_u16(status).unwrap(), "as told"))
}

#[tokio::test]
async fn every_status_is_a_close_code() {
    let client = client(Router::new().websocket("/{status}", status));
    for status in 100..=599 {
        let code = match status {
            100..=399 => 1000,
            401 => 3000,
            403 => 3003,
            408 => 3008,
            413 => 1009,
            415 => 1003,
            400..=499 => 1008,
            503 => 1013,
            _ => 1011,
        };
        let mut socket = client.connect(&format!("/{status}")).await;
        let reason = if (400..=499).contains(&status) { "as told" } else { "" };
        assert_eq!(socket.expect_close(code).await.reason, reason, "{status}");
        socket.expect_end().await;
    }
}

/// Returns one route per outcome, each after the upgrade.
fn every_kind() -> Router {
    /// Declares a handler that upgrades and returns this outcome.
    macro_rules! say {
        ($said:expr) => {
            async |ws: WebSocketConnection| {
                ws.accept().await.expect("the peer is there");
                $said
            }
        };
    }

    async fn hidden(ws: WebSocketConnection) -> impl IntoResponse {
        ws.accept().await.expect("the peer is there");
    }

    Router::new()
        .websocket("/response", say!(Response::ok()))
        .websocket("/str", say!("done"))
        .websocket("/string", say!(String::from("done")))
        .websocket("/json", say!(Json(json!({ "status": "completed" }))))
        .websocket("/tuple", say!((StatusCode::OK, "Success")))
        .websocket("/frame", say!(CloseFrame { code: 4000, reason: "as told".into() }))
        .websocket("/hidden", hidden)
        .websocket("/ok", say!(Result::<String>::Ok("done".into())))
        .websocket("/unauthorized", say!(Response::unauthorized("Logged out")))
        .websocket("/json-4xx", say!((StatusCode::BAD_REQUEST, Json(json!({ "error": "no" })))))
        .websocket("/html-4xx", say!((StatusCode::BAD_REQUEST, [("content-type", "text/html")], "<b>no</b>")))
        .websocket("/no-type-4xx", say!((StatusCode::BAD_REQUEST, axum::body::Body::from("untyped"))))
        .websocket("/long-4xx", say!(Response::bad_request("é".repeat(100))))
        .websocket("/err-status", say!(Err::<Response, _>(StatusCode::NOT_FOUND)))
        .websocket("/internal", say!(Response::internal_error()))
        .websocket("/secret", say!((StatusCode::INTERNAL_SERVER_ERROR, "secret")))
        .websocket("/unavailable", say!(Response::service_unavailable("secret")))
        .websocket("/err", say!(Result::<Response>::Err(std::io::Error::other("secret").into())))
        .websocket("/panic", say!(if true { panic!("secret") } else { "done" }))
        .websocket("/long-frame", say!(CloseFrame { code: 4000, reason: "é".repeat(100) }))
        .websocket("/reserved-frame", say!(CloseFrame { code: 1006, reason: "secret".into() }))
}

#[tokio::test]
async fn every_kind_of_outcome_is_a_close_code() {
    let client = client(every_kind());
    let cut = "é".repeat(61);
    for (path, code, reason) in [
        ("/response", 1000, ""),
        ("/str", 1000, ""),
        ("/string", 1000, ""),
        ("/json", 1000, ""),
        ("/tuple", 1000, ""),
        ("/frame", 4000, "as told"),
        ("/hidden", 1000, ""),
        ("/ok", 1000, ""),
        ("/unauthorized", 3000, "Logged out"),
        ("/json-4xx", 1008, ""),
        ("/html-4xx", 1008, ""),
        ("/no-type-4xx", 1008, ""),
        ("/long-4xx", 1008, &cut),
        ("/err-status", 1008, ""),
        ("/internal", 1011, ""),
        ("/secret", 1011, ""),
        ("/unavailable", 1013, ""),
        ("/err", 1011, ""),
        ("/panic", 1011, ""),
        ("/long-frame", 4000, &cut),
        ("/reserved-frame", 1011, ""),
    ] {
        let mut socket = client.connect(path).await;
        assert_eq!(socket.expect_close(code).await.reason, reason, "{path}");
        socket.expect_end().await;
    }
}

#[tokio::test]
async fn only_codes_that_may_be_sent_are_sent() {
    async fn code(Path(code): Path<u16>, ws: WebSocketConnection) -> Result<CloseFrame> {
        ws.accept().await?;
        Ok(CloseFrame { code, reason: "as told".into() })
    }
    let client = client(Router::new().websocket("/{code}", code));
    for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535] {
        let mut socket = client.connect(&format!("/{code}")).await;
        assert_eq!(socket.expect_close(1011).await.reason, "", "{code}");
    }
    for code in [CloseCode::NORMAL, 1001, 1003, 1007, 1012, 1013, CloseCode::UNAUTHORIZED, 3999, 4000, 4999] {
        let mut socket = client.connect(&format!("/{code}")).await;
        assert_eq!(socket.expect_close(code).await.reason, "as told", "{code}");
    }
}

#[tokio::test]
async fn an_outcome_after_a_close_is_not_sent() {
    async fn closes_first(ws: WebSocketConnection) -> Result<Response> {
        ws.close(Some(CloseFrame { code: 4000, reason: "first".into() })).await?;
        Ok(Response::internal_error())
    }
    async fn closed_by_the_peer(ws: WebSocketConnection) -> Response {
        ws.accept().await.ok();
        ws.closed().await;
        Response::internal_error()
    }
    let client =
        client(Router::new().websocket("/first", closes_first).websocket("/peer", closed_by_the_peer));
    let mut socket = client.connect("/first").await;
    assert_eq!(socket.expect_close(4000).await.reason, "first");
    socket.expect_end().await;
    let mut socket = client.connect("/peer").await;
    socket.close(4001, "").await;
    socket.expect_close(4001).await;
    socket.expect_end().await;
}

/// The server would have to wait for a text that is still being produced.
#[tokio::test]
async fn a_streamed_body_is_no_close_reason() {
    async fn streams(ws: WebSocketConnection) -> Result<impl IntoResponse> {
        ws.accept().await?;
        let chunks = ["in", " pieces"].map(Result::<_, std::io::Error>::Ok);
        let body = axum::body::Body::from_stream(futures_util::stream::iter(chunks));
        Ok(Response::bad_request(body))
    }
    let mut socket = client(Router::new().websocket("/ws", streams)).connect("/ws").await;
    assert_eq!(socket.expect_close(1008).await.reason, "");
}

/// The send has decided for the upgrade, although nothing is on the wire yet when the handler
/// returns.
#[tokio::test]
async fn messages_before_a_refusal_go_out_first() {
    async fn changes_its_mind(ws: WebSocketConnection) -> Result<Response> {
        ws.send_text("welcome").await?;
        Ok(Response::forbidden("on second thoughts"))
    }
    let mut socket = client(Router::new().websocket("/ws", changes_its_mind)).connect("/ws").await;
    assert_eq!(socket.recv_text().await, "welcome");
    assert_eq!(socket.expect_close(3003).await.reason, "on second thoughts");
}

#[tokio::test]
async fn a_panic_harms_no_other_connection() {
    async fn fragile(mut ws: WebSocketConnection) -> Result<Response> {
        while let Some(Message::Text(text)) = ws.recv().await {
            assert_ne!(text, "break");
            ws.send_text(text).await?;
        }
        Ok(Response::ok())
    }
    let client: TestClient = client(Router::new().websocket("/ws", fragile));
    let (mut broken, mut sibling) = (client.connect("/ws").await, client.connect("/ws").await);
    broken.send_text("break").await;
    broken.expect_close(1011).await;
    broken.expect_end().await;
    sibling.send_text("hello").await;
    assert_eq!(sibling.recv_text().await, "hello");
    client.connect("/ws").await;
}
