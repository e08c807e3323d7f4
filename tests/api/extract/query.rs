//! Query parameters.

use std::collections::HashMap;

use ignitia::prelude::*;
use serde::Deserialize;

use crate::support::client;

#[derive(Deserialize)]
struct WsQuery {
    token: String,
    user_id: Option<String>,
    limit: Option<u32>,
}

async fn typed(Query(query): Query<WsQuery>, ws: WebSocketConnection) -> Result<Response> {
    let WsQuery { token, user_id, limit } = query;
    ws.send_json(&json!([token, user_id, limit])).await?;
    Ok(Response::ok())
}

async fn map(Query(query): Query<HashMap<String, String>>, ws: WebSocketConnection) -> Result<Response> {
    ws.send_json(&query).await?;
    Ok(Response::ok())
}

fn router() -> Router {
    Router::new().websocket("/typed", typed).websocket("/map", map)
}

#[tokio::test]
async fn optional_fields_may_be_missing_and_numbers_may_be_strings() {
    let client = client(router());
    for (query, received) in [
        ("token=abc", json!(["abc", null, null])),
        ("token=abc&user_id=ann", json!(["abc", "ann", null])),
        ("user_id=7&token=123", json!(["123", "7", null])),
        ("token=true&user_id=null&limit=50", json!(["true", "null", 50])),
        ("token=&more=ignored", json!(["", null, null])),
    ] {
        let mut socket = client.connect(&format!("/typed?{query}")).await;
        assert_eq!(socket.recv_json::<serde_json::Value>().await, received, "{query}");
    }
}

#[tokio::test]
async fn a_query_is_percent_decoded() {
    let client = client(router());
    for (query, token) in [
        ("token=J%C3%BCrgen+M", "Jürgen M"),
        ("token=a%26b%3Dc", "a&b=c"),
        ("token=1%2B1", "1+1"),
        ("%74oken=x%20y", "x y"),
    ] {
        let mut socket = client.connect(&format!("/typed?{query}")).await;
        assert_eq!(socket.recv_json::<serde_json::Value>().await[0], token, "{query}");
    }
}

#[tokio::test]
async fn a_map_takes_any_query() {
    let client = client(router());
    let mut socket = client.connect("/map?token=abc&n=7").await;
    assert_eq!(socket.recv_json::<serde_json::Value>().await, json!({ "token": "abc", "n": "7" }));
    let mut socket = client.connect("/map").await;
    assert_eq!(socket.recv_json::<serde_json::Value>().await, json!({}));
}

#[tokio::test]
async fn missing_or_wrong_fields_are_refused_before_the_upgrade() {
    let client = client(router());
    for query in ["", "?user_id=ann", "?token=abc&limit=many", "?token=abc&token=def"] {
        let refused = client.request(&format!("/typed{query}")).rejection().await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{query}: {}", refused.text());
    }
}
