//! Several extractors at once, up to seven: those of Ignitia, of axum and of the program.

use std::{collections::HashMap, net::SocketAddr, sync::Arc};

use axum::extract::{ConnectInfo, RawQuery, rejection::QueryRejection};
use http::{Method, Uri, request::Parts};
use ignitia::{FromRequestParts, prelude::*};

use crate::support::{Running, client};

#[derive(Clone)]
struct AppState {
    greeting: &'static str,
}

struct Database {
    name: &'static str,
}

/// An authenticated user.
struct AuthUser(String);

impl<S: Sync> FromRequestParts<S> for AuthUser {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        let user = parts.headers.get("authorization").and_then(|user| user.to_str().ok());
        user.map(|user| Self(user.to_owned())).ok_or_else(|| Response::unauthorized("Who are you?"))
    }
}

async fn two(
    Path(room): Path<String>,
    AuthUser(user): AuthUser,
    ws: WebSocketConnection,
) -> Result<Response> {
    ws.send_text(format!("{user} in {room}")).await?;
    Ok(Response::ok())
}

async fn four(
    Path(path): Path<HashMap<String, String>>,
    Query(query): Query<HashMap<String, String>>,
    State(state): State<AppState>,
    Headers(headers): Headers,
    mut ws: WebSocketConnection,
) -> impl IntoResponse {
    let user_id = &path["user_id"];
    if headers.get("authorization").is_some_and(|auth| auth != "let me in") {
        return Response::unauthorized("Invalid auth");
    }
    let token = query.get("token");
    ws.send_text(format!("{}, {user_id}, with {token:?}", state.greeting)).await.ok();
    while ws.recv().await.is_some() {}
    Response::ok()
}

#[allow(clippy::too_many_arguments, reason = "seven extractors and the connection are what is promised")]
async fn seven(
    Path(path): Path<HashMap<String, String>>,
    Query(query): Query<HashMap<String, String>>,
    State(state): State<AppState>,
    Extension(db): Extension<Arc<Database>>,
    Headers(headers): Headers,
    Cookies(cookies): Cookies,
    RequestId(id): RequestId,
    ws: WebSocketConnection,
) -> Result<Response> {
    let all = json!([
        path["room"],
        path["user"],
        query["token"],
        state.greeting,
        db.name,
        headers.get("x-device").and_then(|device| device.to_str().ok()),
        cookies.get("session_id"),
        id,
    ]);
    ws.send_json(&all).await?;
    Ok(Response::ok())
}

async fn axums(
    method: Method,
    uri: Uri,
    RawQuery(raw): RawQuery,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    query: Result<Query<HashMap<String, u8>>, QueryRejection>,
    room: Option<Path<String>>,
    ws: WebSocketConnection,
) -> Result<Response> {
    let all = json!([
        method.as_str(),
        uri.path(),
        raw,
        peer.ip().to_string(),
        query.is_ok(),
        room.map(|Path(room)| room)
    ]);
    ws.send_json(&all).await?;
    Ok(Response::ok())
}

fn router() -> Router<AppState> {
    Router::new()
        .extension(Arc::new(Database { name: "main" }))
        .state(AppState { greeting: "Welcome" })
        .websocket("/two/{room}", two)
        .websocket("/four/{user_id}", four)
        .websocket("/seven/{room}/{user}", seven)
        .websocket("/axum/{room}", axums)
        .websocket("/axum", axums)
}

#[tokio::test]
async fn a_custom_extractor_may_stand_beside_a_path() {
    let client = client(router());
    let mut socket = client.request("/two/lobby").header("authorization", "ann").connect().await;
    assert_eq!(socket.recv_text().await, "ann in lobby");
    let refused = client.request("/two/lobby").rejection().await;
    assert_eq!((refused.status, refused.text()), (StatusCode::UNAUTHORIZED, "Who are you?".into()));
}

#[tokio::test]
async fn path_query_state_and_headers_may_stand_together() {
    let client = client(router());
    let mut socket = client.connect("/four/ann?token=abc").await;
    assert_eq!(socket.recv_text().await, r#"Welcome, ann, with Some("abc")"#);
    let refused = client.request("/four/ann").header("authorization", "wrong").rejection().await;
    assert_eq!((refused.status, refused.text()), (StatusCode::UNAUTHORIZED, "Invalid auth".into()));
}

#[tokio::test]
async fn a_function_may_take_seven_extractors() {
    let request = client(router()).request("/seven/lobby/ann?token=abc").header("x-device", "phone");
    let request = request.header("cookie", "theme=dark; session_id=s1").header("x-request-id", "r1");
    let all: serde_json::Value = request.connect().await.recv_json().await;
    assert_eq!(all, json!(["lobby", "ann", "abc", "Welcome", "main", "phone", "s1", "r1"]));
}

#[tokio::test]
async fn a_closure_may_take_seven_extractors() {
    let router = Router::new().state(AppState { greeting: "Hi" }).websocket(
        "/{n}",
        |Path(n): Path<u8>,
         State(state): State<AppState>,
         Headers(_): Headers,
         _: Cookies,
         _: RequestId,
         method: Method,
         RawQuery(query): RawQuery,
         ws: WebSocketConnection| async move {
            ws.send_text(format!("{} {n} {method} {query:?}", state.greeting)).await?;
            Ok::<_, Error>("done")
        },
    );
    assert_eq!(client(router).connect("/7?x").await.recv_text().await, r#"Hi 7 GET Some("x")"#);
}

#[tokio::test]
async fn extractors_of_axum_may_be_used() {
    let server = Running::with_defaults(router()).await;
    for (path, all) in [
        ("/axum/lobby?n=300", r#"["GET","/axum/lobby","n=300","127.0.0.1",false,"lobby"]"#),
        ("/axum?n=3", r#"["GET","/axum","n=3","127.0.0.1",true,null]"#),
    ] {
        let mut peer = server.open(path).await;
        peer.expect_text(all).await;
        peer.expect_close(1000).await;
    }
    server.report().await;
}

#[tokio::test]
async fn the_first_refusal_from_the_left_is_the_answer() {
    async fn never(
        Path(_): Path<u8>,
        _: AuthUser,
        Query(_): Query<HashMap<String, u8>>,
        _: WebSocketConnection,
    ) -> Response {
        panic!("no handler runs for a refusal")
    }
    let client = client(Router::new().websocket("/{n}", never));
    for (path, status) in [("/x?n=x", StatusCode::BAD_REQUEST), ("/1?n=x", StatusCode::UNAUTHORIZED)] {
        assert_eq!(client.request(path).rejection().await.status, status);
    }
    let refused = client.request("/1?n=x").header("authorization", "ann").rejection().await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
}
