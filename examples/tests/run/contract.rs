//! Tests of `contract/main.rs`.

use serde_json::{Value, json};

use crate::running_example::RunningExample;

#[tokio::test]
async fn the_endpoint_is_described_and_does_what_the_description_says() {
    let example = RunningExample::start(env!("CARGO_BIN_EXE_contract")).await;
    let document: Value = serde_json::from_str(&example.get("/asyncapi.json").await).expect("JSON");
    assert_eq!(document["info"]["title"], "Dice");
    assert_eq!(document["channels"]["table"]["address"], "/tables/{name}");
    assert!(example.get("/client.js").await.contains(r#"path: "/tables/{name}""#));
    assert!(example.get("/console/").await.starts_with("<!doctype html>"));

    let mut ann = example.connect("/tables/green?player=ann").await;
    // The answer tells that she is at the table.
    ann.send(json!({ "type": "roll", "id": 1, "sides": 1 }).to_string()).await;
    let error = ann.json().await;
    assert_eq!((&error["code"], &error["id"]), (&"no_such_die".into(), &1.into()));
    let mut bob = example.connect("/tables/green?player=bob").await;
    bob.send(json!({ "type": "roll", "id": 1, "sides": 100 }).to_string()).await;
    let mut reply = bob.json().await;
    assert!((1..=100).contains(&reply["value"].as_u64().expect("a number")), "{reply}");
    assert_eq!(reply["id"].take(), 1);
    let mut event = ann.json().await;
    event["id"] = Value::Null;
    assert_eq!(event, reply);
    assert_eq!((&event["type"], &event["player"]), (&"rolled".into(), &"bob".into()));

    let (status, text) = example.refusal(example.request("/tables/green?player=")).await;
    assert!(status == 400 && text.contains("1 to 24 characters"), "{status} {text}");
    example.stop([ann, bob]).await;
}
