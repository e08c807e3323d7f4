//! State: given to the router once, extracted by handlers with `State`.

use std::sync::Arc;

use ignitia::{FromRef, prelude::*};
use tokio::sync::RwLock;

use crate::support::{client, until_closed};

#[derive(Clone, Default)]
struct AppState {
    connections: Arc<RwLock<Vec<String>>>,
    database: Database,
}

#[derive(Clone)]
struct Database {
    name: &'static str,
}

impl Default for Database {
    fn default() -> Self {
        Self { name: "main" }
    }
}

impl FromRef<AppState> for Database {
    fn from_ref(app: &AppState) -> Self {
        app.database.clone()
    }
}

async fn enter(State(state): State<AppState>, mut ws: WebSocketConnection) -> &'static str {
    let number = {
        let mut connections = state.connections.write().await;
        connections.push("new_user".to_string());
        connections.len()
    };
    ws.send_text(format!("Connected as {number}")).await.ok();
    while ws.recv().await.is_some() {}
    "Connection closed successfully"
}

async fn query(State(database): State<Database>, ws: WebSocketConnection) -> Result<Response> {
    ws.send_text(database.name).await?;
    Ok(Response::ok())
}

async fn name(State(database): State<Database>) -> &'static str {
    database.name
}

#[tokio::test]
async fn all_connections_share_the_state() {
    let state = AppState::default();
    let client = client(Router::new().state(state.clone()).websocket("/ws", enter));
    let mut one = client.connect("/ws").await;
    assert_eq!(one.recv_text().await, "Connected as 1");
    let mut other = client.connect("/ws").await;
    assert_eq!(other.recv_text().await, "Connected as 2");
    assert_eq!(*state.connections.read().await, ["new_user", "new_user"]);
}

#[tokio::test]
async fn a_part_of_the_state_may_be_taken() {
    let client =
        client(Router::new().state(AppState::default()).websocket("/all", enter).websocket("/part", query));
    assert_eq!(client.connect("/all").await.recv_text().await, "Connected as 1");
    assert_eq!(client.connect("/part").await.recv_text().await, "main");
}

#[tokio::test]
async fn routes_may_have_two_states_in_sequence() {
    let router = Router::new()
        .websocket("/none", until_closed)
        .state(Database { name: "first" })
        .websocket("/first", query)
        .get("/first/name", name)
        .state(Database { name: "second" })
        .websocket("/second", query)
        .state(AppState { database: Database { name: "third" }, ..Default::default() })
        .websocket("/third", query);
    let client = client(router);
    for database in ["first", "second", "third"] {
        assert_eq!(client.connect(&format!("/{database}")).await.recv_text().await, database);
    }
    assert_eq!(client.get("/first/name").await.text(), "first");
    let mut socket = client.connect("/none").await;
    socket.close(1000, "").await;
    socket.expect_close(1000).await;
}

#[tokio::test]
async fn routers_with_different_states_may_be_merged() {
    let nested = Router::new().state(Database { name: "nested" }).websocket("/ws", query);
    let merged = Router::new().state(Database { name: "merged" }).websocket("/merged", query);
    let router = Router::new()
        .state(Database { name: "own" })
        .nest("/nested", nested)
        .merge(merged)
        .websocket("/own", query);
    let client = client(router);
    for (path, database) in [("/nested/ws", "nested"), ("/merged", "merged"), ("/own", "own")] {
        assert_eq!(client.connect(path).await.recv_text().await, database);
    }
}

#[tokio::test]
async fn a_function_may_take_a_router_of_any_state() {
    fn with_page<S: Clone + Send + Sync + 'static>(router: Router<S>) -> Router<S> {
        router.get("/page", async || "a page")
    }
    let client = client(with_page(Router::new().state(7_u64)).websocket(
        "/ws",
        |State(seven): State<u64>, ws: WebSocketConnection| async move {
            ws.send_json(&seven).await?;
            Ok::<_, Error>("done")
        },
    ));
    assert_eq!(client.get("/page").await.text(), "a page");
    assert_eq!(client.connect("/ws").await.recv_json::<u64>().await, 7);
}
