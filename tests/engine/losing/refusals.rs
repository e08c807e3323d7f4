//! Servers that refuse to write for a while.

use ignitia::engine::EngineStatus;
use tests::engine_app::Tell;

use crate::support::{LocalNode, Machines, StoreServer, app_name, until};

/// Lets the server refuse by a setting and its value, and write again with another value.
async fn refuses_and_goes_on(setting: &str, refusing: &str, writing: &str) {
    let machines = Machines::start(2).await;
    let room = "history+patient-1";
    let mut members = machines.member_on_each(room).await;
    machines.publish(0, room, [1]).await;
    let connections = machines.proxies[0].connections();
    machines.server.command::<()>(&["CONFIG", "SET", setting, refusing]).await;

    let here = machines.nodes[0].rooms.room(room);
    let error = here.publish(&Tell::number(2)).await.unwrap_err();
    assert!(error.is_unavailable(), "{error:?}");
    machines.nodes[0].status(EngineStatus::Refusing).await;
    assert!(!machines.nodes[0].engine.is_up());
    // What is handed on waits, by the room's policy.
    machines.broadcast(0, room, [3, 4]);
    let fail = machines.nodes[0].rooms.room("fail-1");
    assert!(fail.broadcast(&Tell::number(1)).unwrap_err().is_unavailable());
    // What is read can still be read.
    until("members", async || here.fetch_members().await.unwrap().len() == 2).await;

    machines.server.command::<()>(&["CONFIG", "SET", setting, writing]).await;
    machines.nodes[0].status(EngineStatus::Up).await;
    machines.publish(0, room, [5]).await;
    machines.publish(1, room, [6]).await;
    for member in &mut members {
        assert_eq!(member.numbers_up_to(6).await, [1, 3, 4, 5, 6]);
        assert_eq!(member.count("$lagged"), 0);
    }
    assert_eq!(machines.proxies[0].connections(), connections, "it has connected again");
}

#[tokio::test]
async fn a_server_without_memory_refuses_and_goes_on() {
    refuses_and_goes_on("maxmemory", "1", "0").await;
}

#[tokio::test]
async fn a_server_without_its_replicas_refuses_and_goes_on() {
    let server = StoreServer::start().await;
    let info: String = server.command(&["INFO", "server"]).await;
    if !info.contains("redis_version:6.") {
        return refuses_and_goes_on("min-replicas-to-write", "1", "0").await;
    }
    // Before version 7, scripts are not held to it, as the documentation says.
    let node = LocalNode::start(server.url(), &app_name()).await;
    server.command::<()>(&["CONFIG", "SET", "min-replicas-to-write", "1"]).await;
    node.rooms.room("history-1").publish(&Tell::number(1)).await.unwrap();
}
