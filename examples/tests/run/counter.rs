//! Tests of `counter.rs`.

use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use crate::{deadline::within, running_example::RunningExample};

#[tokio::test]
async fn every_request_is_answered_under_its_id() {
    let example = RunningExample::start(env!("CARGO_BIN_EXE_counter")).await;
    example.check_page("<h1>Counters</h1>").await;
    let mut client = example.connect("/ws").await;
    let mut other = example.connect("/ws").await;

    // Several requests at once. Every reply has the id of its request: a number, a text, or none.
    for request in [
        json!({ "type": "add", "id": 1, "name": "apples", "by": 2 }),
        json!({ "type": "get", "id": "two", "name": "pears" }),
        json!({ "by": -5, "name": "apples", "id": 3, "type": "add" }),
        json!({ "type": "get", "name": "apples" }),
    ] {
        client.send(request.to_string()).await;
    }
    assert_eq!(client.json().await, json!({ "id": 1, "type": "value", "name": "apples", "value": 2 }));
    let unknown = "nobody has added to this counter";
    let error = json!({ "type": "$error", "id": "two", "code": "unknown_counter", "message": unknown });
    assert_eq!(client.json().await, error);
    assert_eq!(client.json().await, json!({ "id": 3, "type": "value", "name": "apples", "value": -3 }));
    assert_eq!(client.json().await, json!({ "type": "value", "name": "apples", "value": -3 }));

    // All connections share the counters.
    other.send(json!({ "type": "reset", "id": 1, "name": "apples" }).to_string()).await;
    assert_eq!(other.json().await, json!({ "id": 1, "type": "reset", "name": "apples", "was": -3 }));
    client.send(json!({ "type": "get", "id": 4, "name": "apples" }).to_string()).await;
    assert_eq!(client.json().await, json!({ "id": 4, "type": "value", "name": "apples", "value": 0 }));

    // A failed request is answered, and changes nothing.
    let limit = (1_i64 << 53) - 1;
    for (request, code) in [
        (json!({ "type": "add", "name": "apples", "by": limit }), None),
        (json!({ "type": "add", "name": "apples", "by": 1 }), Some("overflow")),
        (json!({ "type": "add", "name": "apples", "by": i64::MAX }), Some("overflow")),
        (json!({ "type": "add", "name": "", "by": 1 }), Some("bad_name")),
        (json!({ "type": "add", "name": "x".repeat(33), "by": 1 }), Some("bad_name")),
        (json!({ "type": "reset", "name": "pears" }), Some("unknown_counter")),
        (json!({ "type": "double", "name": "apples" }), Some("unknown_tag")),
        (json!({ "type": "add", "name": "apples" }), Some("missing_field")),
        (json!({ "type": "add", "name": "apples", "by": 0.5 }), Some("invalid_type")),
        (json!({ "name": "apples" }), Some("missing_tag")),
    ] {
        client.send(request.to_string()).await;
        assert_eq!(client.json().await["code"].as_str(), code, "{request}");
    }
    client.send(json!({ "type": "get", "id": 5, "name": "apples" }).to_string()).await;
    assert_eq!(client.json().await, json!({ "id": 5, "type": "value", "name": "apples", "value": limit }));

    // Clients choose the names, but their number is limited.
    let mut greedy = example.connect("/ws").await;
    for name in 1..1_000 {
        greedy.send(json!({ "type": "add", "name": name.to_string(), "by": 1 }).to_string()).await;
        assert_eq!(greedy.json().await["value"], 1);
    }
    greedy.send(json!({ "type": "add", "name": "1000", "by": 1 }).to_string()).await;
    assert_eq!(greedy.json().await["code"], "too_many_counters");
    greedy.send(json!({ "type": "add", "name": "1", "by": 1 }).to_string()).await;
    assert_eq!(greedy.json().await["value"], 2);

    // Binary messages close the connection, and so do too many malformed ones.
    greedy.send(Message::Binary(vec![1].into())).await;
    assert_eq!(u16::from(greedy.closed().await.expect("a close frame with a code").code), 1003);
    for _ in 0..10 {
        other.send("not JSON").await;
        assert_eq!(other.json().await["code"], "invalid_json");
    }
    other.send("not JSON").await;
    assert_eq!(u16::from(other.closed().await.expect("a close frame with a code").code), 1008);

    // A request before the close frame is answered before the closing handshake.
    let mut leaving = example.connect("/ws").await;
    leaving.send(json!({ "type": "get", "id": 6, "name": "apples" }).to_string()).await;
    within(leaving.0.close(None)).await.expect("the connection is open");
    assert_eq!(leaving.json().await["id"], 6);
    leaving.closed().await;

    example.stop([client]).await;
}
