//! Authentication by a token in the query: refused before the upgrade, with a body that gives the
//! reason.

use std::collections::HashMap;

use ignitia::prelude::*;

use crate::support::client;

#[derive(Clone)]
struct AppState {
    token: &'static str,
}

impl AppState {
    async fn validate_token(&self, token: &str) -> bool {
        // Like a lookup in a database: the answer takes a moment.
        tokio::task::yield_now().await;
        token == self.token
    }
}

async fn authenticated(
    Query(query): Query<HashMap<String, String>>,
    State(state): State<AppState>,
    mut ws: WebSocketConnection,
) -> Response {
    let token = match query.get("token") {
        Some(token) => token,
        None => return Response::unauthorized("Token required"),
    };
    if !state.validate_token(token).await {
        return Response::unauthorized("Invalid token");
    }
    ws.send_text("Authenticated successfully!").await.ok();
    while let Some(message) = ws.recv().await {
        if message.as_text() == Some("log out") {
            return Response::unauthorized("Logged out");
        }
    }
    Response::ok()
}

fn router() -> Router<AppState> {
    Router::new().state(AppState { token: "let me in" }).websocket("/ws", authenticated)
}

#[tokio::test]
async fn without_a_valid_token_the_answer_is_a_401() {
    let client = client(router());
    for (path, body) in
        [("/ws", "Token required"), ("/ws?token=", "Invalid token"), ("/ws?token=wrong", "Invalid token")]
    {
        let refused = client.request(path).rejection().await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
        assert_eq!(refused.text(), body);
        assert_eq!(refused.header("content-type"), Some("text/plain; charset=utf-8"));
        for name in ["upgrade", "sec-websocket-accept"] {
            assert_eq!(refused.header(name), None, "{name}");
        }
    }
}

#[tokio::test]
async fn with_a_valid_token_the_same_outcome_is_a_close_code() {
    let mut socket = client(router()).connect("/ws?token=let%20me+in").await;
    assert_eq!(socket.recv_text().await, "Authenticated successfully!");
    socket.send_text("log out").await;
    assert_eq!(socket.expect_close(3000).await.reason, "Logged out");
    socket.expect_end().await;
}
