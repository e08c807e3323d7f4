//! The document and the client at paths.

use ignitia::{prelude::*, testing::TestClient};

use super::parsed;

#[websocket("/plain")]
async fn plain(ws: WebSocketConnection) -> Response {
    drop(ws);
    Response::ok()
}

#[tokio::test]
async fn the_document_is_served_where_it_is_asked_for() {
    let router = Router::new().mount(plain);
    let contract = router.contract().title("Plain", "1.0.0");
    let client = TestClient::new(router.serve_asyncapi("/docs/asyncapi.json", &contract)).unwrap();
    let response = client.get("/docs/asyncapi.json").await;
    assert_eq!(
        (response.status, response.header("content-type")),
        (StatusCode::OK, Some("application/json"))
    );
    assert_eq!(response.json::<serde_json::Value>(), parsed(&contract));
}

#[tokio::test]
async fn the_client_is_served_where_it_is_asked_for() {
    let router = Router::new().mount(plain);
    let contract = router.contract();
    let client = TestClient::new(router.serve_javascript("/assets/client.js", &contract)).unwrap();
    let response = client.get("/assets/client.js").await;
    // Browsers load no module of another type.
    let media_type = Some("text/javascript; charset=utf-8");
    assert_eq!((response.status, response.header("content-type")), (StatusCode::OK, media_type));
    assert_eq!(response.text(), contract.javascript());
}

#[tokio::test]
async fn nothing_is_served_unless_it_is_asked_for() {
    let router = Router::new().mount(plain);
    let _ = router.contract().asyncapi();
    let client = TestClient::new(router).unwrap();
    for path in ["/asyncapi.json", "/contract", "/console", "/console/", "/client.ts"] {
        assert_eq!(client.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}
