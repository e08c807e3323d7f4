//! Applications that share a server.

use ignitia::prelude::*;
use tests::engine_app::{Presence, Tell};

use crate::support::{LocalNode, StoreServer, Visit, until};

#[tokio::test]
async fn applications_on_one_server_do_not_hear_each_other() {
    let server = StoreServer::start().await;
    // Names of which one is a part of the other, or looks like a part of a key.
    let apps = ["chat", "chat:rooms", "chat-2", "cha"];
    let room = "history-1";
    let mut nodes = Vec::new();
    let mut members = Vec::new();
    for app in apps {
        let node = LocalNode::start(server.url(), app).await;
        members.push(Visit::new(room, app).enter(node.addr).await);
        nodes.push(node);
    }
    for (n, node) in nodes.iter().enumerate() {
        node.rooms.room(room).publish(&Tell::number(n as u64)).await.unwrap();
    }
    for (n, member) in members.iter_mut().enumerate() {
        assert_eq!(member.numbers(1).await, [n as u64]);
    }
    for ((node, app), member) in nodes.iter().zip(apps).zip(&mut members) {
        until("its own member", async || node.names(room) == [app]).await;
        assert_eq!(node.rooms.room(room).fetch_members().await.unwrap().len(), 1);
        // The others have had time to be heard.
        node.rooms.room(room).publish(&Tell::number(100)).await.unwrap();
        assert_eq!(member.numbers_up_to(100).await.len(), 2);
    }
    let keys: Vec<String> = server.command(&["KEYS", "*"]).await;
    let is_prefixed =
        |key: &String| apps.iter().any(|app| key.starts_with(&format!("ig1:{}:", app.replace(':', "%3A"))));
    assert!(keys.iter().all(is_prefixed), "{keys:?}");
}

#[tokio::test]
async fn rooms_of_two_names_on_one_engine_do_not_hear_each_other() {
    let server = StoreServer::start().await;
    let node = LocalNode::start(server.url(), "chat").await;
    let mut member = Visit::new("plain-1", "ann").enter(node.addr).await;
    let others = Rooms::<Tell, Presence>::new().on(&node.engine, "others").unwrap();
    others.room("plain-1").publish(&Tell::number(1)).await.unwrap();
    node.rooms.room("plain-1").publish(&Tell::number(2)).await.unwrap();
    assert_eq!(member.numbers(1).await, [2]);
    assert!(others.room("plain-1").fetch_members().await.unwrap().is_empty());
    // A name is taken once.
    let error = Rooms::<Tell, Presence>::new().on(&node.engine, "others").unwrap_err();
    assert!(error.is_invalid_input() && error.to_string().contains("`others`"), "{error}");
}
