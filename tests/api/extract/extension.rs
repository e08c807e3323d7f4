//! Extensions: values for every route, taken with `Extension`.

use std::sync::Arc;

use ignitia::prelude::*;

use crate::support::client;

struct Database {
    rows: Vec<u32>,
}

#[derive(Clone)]
struct Version(&'static str);

async fn rows(Extension(db): Extension<Arc<Database>>, ws: WebSocketConnection) -> Result<Response> {
    ws.send_json(&db.rows).await?;
    Ok(Response::ok())
}

async fn version(
    Extension(Version(version)): Extension<Version>,
    ws: WebSocketConnection,
) -> Result<Response> {
    ws.send_text(version).await?;
    Ok(Response::ok())
}

#[tokio::test]
async fn an_extension_may_be_added_before_or_after_the_route() {
    let db = || Arc::new(Database { rows: vec![1, 2, 3] });
    let before = Router::new().extension(db()).websocket("/ws", rows);
    let after = Router::new().websocket("/ws", rows).extension(db());
    for router in [before, after] {
        assert_eq!(client(router).connect("/ws").await.recv_json::<Vec<u32>>().await, [1, 2, 3]);
    }
}

#[tokio::test]
async fn several_types_may_stand_beside_state_and_pages() {
    let router = Router::new()
        .extension(Version("1.0"))
        .state(5_u8)
        .websocket("/rows", rows)
        .extension(Arc::new(Database { rows: vec![4] }))
        .websocket("/version", version)
        .get("/page", |Extension(Version(version)): Extension<Version>| async move { version });
    let client = client(router);
    assert_eq!(client.connect("/rows").await.recv_json::<Vec<u32>>().await, [4]);
    assert_eq!(client.connect("/version").await.recv_text().await, "1.0");
    assert_eq!(client.get("/page").await.text(), "1.0");
}

#[tokio::test]
async fn the_last_of_a_type_counts() {
    let router = Router::new().extension(Version("1.0")).websocket("/ws", version).extension(Version("2.0"));
    assert_eq!(client(router).connect("/ws").await.recv_text().await, "2.0");
}

#[tokio::test]
async fn an_extension_reaches_nested_and_merged_routes_without_their_own() {
    let router = Router::new()
        .nest("/nested", Router::new().websocket("/ws", version))
        .merge(Router::new().websocket("/merged", version))
        .nest("/own", Router::new().websocket("/ws", version).extension(Version("own")))
        .extension(Version("1.0"));
    let client = client(router);
    for (path, version) in [("/nested/ws", "1.0"), ("/merged", "1.0"), ("/own/ws", "own")] {
        assert_eq!(client.connect(path).await.recv_text().await, version);
    }
}

#[tokio::test]
async fn a_missing_extension_is_a_500() {
    let refused = client(Router::new().websocket("/ws", version)).request("/ws").rejection().await;
    assert_eq!(refused.status, StatusCode::INTERNAL_SERVER_ERROR);
}
