//! Tests of the endpoint, through the router and without a port.

use ignitia::testing::{TestClient, TestSocket};
use serde_json::{Value, json};

use crate::router;

/// Returns the next message of a type, and skips the others.
async fn recv(socket: &mut TestSocket, kind: &str) -> Value {
    loop {
        let message: Value = socket.recv_json().await;
        if message["type"] == kind {
            return message;
        }
    }
}

#[tokio::test]
async fn members_of_a_room_hear_each_other() {
    let client = TestClient::new(router()).unwrap();
    let mut ann = client.connect("/rooms/lobby").await;
    let mut bob = client.connect("/rooms/lobby").await;
    // Bob is a member once he has heard himself.
    bob.send_json(&json!({ "type": "say", "name": "bob", "text": "here" }))
        .await;
    recv(&mut bob, "said").await;
    ann.send_json(&json!({ "type": "say", "name": "ann", "text": "hello" }))
        .await;
    let said = recv(&mut bob, "said").await;
    assert_eq!(said["name"], "ann");
    assert_eq!(said["text"], "hello");
}

#[tokio::test]
async fn what_is_no_message_is_answered_with_an_error() {
    let client = TestClient::new(router()).unwrap();
    let mut socket = client.connect("/rooms/lobby").await;
    socket.send_json(&json!({ "type": "shout" })).await;
    let error = recv(&mut socket, "$error").await;
    assert_eq!(error["code"], "unknown_tag");
}

#[tokio::test]
async fn long_names_are_refused() {
    let client = TestClient::new(router()).unwrap();
    let path = format!("/rooms/{}", "x".repeat(65));
    let refusal = client.request(&path).rejection().await;
    assert_eq!(refusal.status, 400);
}
