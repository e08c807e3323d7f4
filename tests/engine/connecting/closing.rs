//! Engines that are closed.

use ignitia::engine::{EngineConfig, EngineStatus};

use crate::support::{LocalNode, Machines, StoreOptions, Visit, app_name, until, within};

#[tokio::test]
async fn members_leave_with_the_engine() {
    let machines = Machines::start(2).await;
    let room = "plain-1";
    let _members = machines.member_on_each(room).await;
    let node = &machines.nodes[0];
    within("the end", node.engine.close()).await.unwrap();
    assert_eq!(node.engine.status(), EngineStatus::Closed);
    until("its members are gone", async || machines.nodes[1].names(room) == ["member-1"]).await;
    // Once more it is the same.
    within("the end", node.engine.close()).await.unwrap();
}

#[tokio::test]
async fn a_server_that_refuses_to_write_does_not_hold_up_the_end() {
    let machines = Machines::start(1).await;
    let room = "patient-1";
    let _member = machines.member(0, &Visit::new(room, "ann")).await;
    let engine = &machines.nodes[0].engine;
    machines.publish(0, room, [1]).await;
    machines.server.command::<()>(&["CONFIG", "SET", "maxmemory", "1"]).await;
    machines.broadcast(0, room, [2]);
    machines.nodes[0].status(EngineStatus::Refusing).await;
    let error = within("the end", engine.close()).await.unwrap_err();
    assert!(error.is_unavailable(), "{error:?}");
    machines.nodes[0].status(EngineStatus::Closed).await;
}

#[tokio::test]
async fn members_that_stay_are_an_error() {
    let machines = Machines::with(StoreOptions::volatile(), 0, |config| config).await;
    let mut machines = machines;
    let config = EngineConfig::new(app_name());
    let node = LocalNode::with(machines.server.url(), config).await;
    let _member = Visit::new("plain-1", "ann").enter(node.addr).await;
    machines.server.kill();
    node.status(EngineStatus::Down).await;
    let error = within("the end", node.engine.close()).await.unwrap_err();
    assert!(error.is_unavailable() && error.to_string().contains("members"), "{error:?}");
    node.status(EngineStatus::Closed).await;
}
