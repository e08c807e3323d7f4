//! Responses that a handler returns before it uses the connection: a refusal is a plain HTTP
//! response, any other response upgrades and closes.

use ignitia::{prelude::*, testing::TestClient};

use crate::support::client;

async fn status(Path(status): Path<u16>, _: WebSocketConnection) -> impl IntoResponse {
    (StatusCode::from_u16(status).unwrap(), [("x-kept", "yes")], "as told")
}

#[tokio::test]
async fn every_status_from_300_on_is_the_answer() {
    let client = client(Router::new().websocket("/{status}", status));
    for status in 300..=599 {
        let refused = client.request(&format!("/{status}")).rejection().await;
        assert_eq!(refused.status.as_u16(), status);
        assert_eq!(refused.header("x-kept"), Some("yes"), "{status}");
        // A 304 has no body by definition.
        assert_eq!(refused.text(), if status == 304 { "" } else { "as told" }, "{status}");
    }
}

#[tokio::test]
async fn every_status_below_300_upgrades_and_closes() {
    let client = client(Router::new().websocket("/{status}", status));
    for status in 100..=299 {
        let mut socket = client.connect(&format!("/{status}")).await;
        assert_eq!(socket.expect_close(1000).await.reason, "", "{status}");
        socket.expect_end().await;
    }
}

/// Returns one route per outcome; no handler uses the connection.
fn every_kind() -> Router {
    struct Mine;

    impl IntoResponse for Mine {
        fn into_response(self) -> Response {
            Response::conflict("taken")
        }
    }

    async fn hidden(_: WebSocketConnection) -> impl IntoResponse {}

    type Ws = WebSocketConnection;
    Router::new()
        .websocket("/response", async |_: Ws| Response::ok())
        .websocket("/str", async |_: Ws| "done")
        .websocket("/string", async |_: Ws| String::from("done"))
        .websocket("/status", async |_: Ws| StatusCode::NO_CONTENT)
        .websocket("/json", async |_: Ws| Json(json!({ "status": "completed" })))
        .websocket("/tuple", async |_: Ws| (StatusCode::OK, "Success"))
        .websocket("/frame", async |_: Ws| CloseFrame { code: 4000, reason: "as told".into() })
        .websocket("/hidden", hidden)
        .websocket("/ok", async |_: Ws| Result::<Response>::Ok(Response::ok()))
        .websocket("/ok-string", async |_: Ws| Result::<String>::Ok("done".into()))
        .websocket("/ok-frame", async |_: Ws| {
            Ok::<_, StatusCode>(CloseFrame { code: 4001, reason: "".into() })
        })
        .websocket("/redirect", async |_: Ws| (StatusCode::FOUND, [("location", "/elsewhere")]))
        .websocket("/refused-tuple", async |_: Ws| (StatusCode::IM_A_TEAPOT, "short and stout"))
        .websocket("/refused-json", async |_: Ws| (StatusCode::FORBIDDEN, Json(json!({ "error": "no" }))))
        .websocket("/refused-mine", async |_: Ws| Err::<&str, _>(Mine))
        .websocket("/refused-status", async |_: Ws| Err::<Response, _>(StatusCode::NOT_FOUND))
        .websocket("/error", async |_: Ws| Error::from(std::io::Error::other("secret")))
        .websocket("/err", async |_: Ws| Result::<Response>::Err(std::io::Error::other("secret").into()))
        .websocket("/panic", async |_: Ws| if true { panic!("secret") } else { "done" })
        .websocket("/panic-at-once", |_: Ws| -> std::future::Ready<&str> { panic!("secret") })
}

async fn refusal(client: &TestClient, path: &str) -> (u16, String) {
    let refused = client.request(path).rejection().await;
    (refused.status.as_u16(), refused.text())
}

#[tokio::test]
async fn every_kind_of_success_upgrades_and_closes() {
    let client = client(every_kind());
    for (path, code) in [
        ("/response", 1000),
        ("/str", 1000),
        ("/string", 1000),
        ("/status", 1000),
        ("/json", 1000),
        ("/tuple", 1000),
        ("/frame", 4000),
        ("/hidden", 1000),
        ("/ok", 1000),
        ("/ok-string", 1000),
        ("/ok-frame", 4001),
    ] {
        let mut socket = client.connect(path).await;
        let frame = socket.expect_close(code).await;
        assert_eq!(frame.reason, if code == 4000 { "as told" } else { "" }, "{path}");
        socket.expect_end().await;
    }
}

#[tokio::test]
async fn every_kind_of_refusal_is_the_answer() {
    let client = client(every_kind());
    for (path, status, body) in [
        ("/redirect", 302, ""),
        ("/refused-tuple", 418, "short and stout"),
        ("/refused-json", 403, r#"{"error":"no"}"#),
        ("/refused-mine", 409, "taken"),
        ("/refused-status", 404, ""),
        ("/error", 500, ""),
        ("/err", 500, ""),
        ("/panic", 500, ""),
        ("/panic-at-once", 500, ""),
    ] {
        assert_eq!(refusal(&client, path).await, (status, body.into()), "{path}");
    }
    let redirect = client.request("/redirect").rejection().await;
    assert_eq!(redirect.header("location"), Some("/elsewhere"));
}
