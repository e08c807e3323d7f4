//! Seats of users, on all nodes together.

use crate::support::{Machines, Visit, until};

#[tokio::test]
async fn a_newcomer_replaces_the_member_on_another_node() {
    let machines = Machines::start(2).await;
    let room = "replace-1";
    let mut first = machines.member(0, &Visit::new(room, "ann").key("ann")).await;
    // The later one is that which the engine has put behind the other.
    let here = machines.nodes[0].rooms.room(room);
    until("it is stored", async || here.fetch_members().await.unwrap().len() == 1).await;
    let second = machines.member(1, &Visit::new(room, "ann-again").key("ann")).await;
    assert_eq!(first.end().await, (4001, "you are elsewhere".to_owned()));
    until("the newcomer is left", async || {
        machines.nodes.iter().all(|node| node.names(room) == ["ann-again"] || node.names(room).is_empty())
    })
    .await;
    assert!(second.is_open());
    // Many at once: one is left.
    let visits = (0..20).map(|n| {
        let visit = Visit::new(room, &format!("member-{n}")).key("bob");
        let addr = machines.nodes[n % 2].addr;
        async move { visit.try_connect(addr).await.unwrap() }
    });
    let members = futures_util::future::join_all(visits).await;
    until("one is left", async || members.iter().filter(|member| member.is_open()).count() == 1).await;
    until("and stored", async || here.fetch_members().await.unwrap().len() == 2).await;
}

#[tokio::test]
async fn a_newcomer_is_refused_while_a_member_on_another_node_has_the_seat() {
    let machines = Machines::start(2).await;
    let room = "refuse-1";
    let first = machines.member(0, &Visit::new(room, "ann").key("ann")).await;
    let _other = machines.member(1, &Visit::new(room, "bob").key("bob")).await;
    until("both are known", async || machines.nodes[1].names(room) == ["ann", "bob"]).await;
    let mut second =
        Visit::new(room, "ann-again").key("ann").try_connect(machines.nodes[1].addr).await.unwrap();
    second.end().await;
    assert!(first.is_open());
    drop(first);
    until("the seat is free", async || machines.nodes[1].names(room) == ["bob"]).await;
    let third = machines.member(1, &Visit::new(room, "ann-again").key("ann")).await;
    until("it is taken", async || machines.nodes[1].names(room) == ["ann-again", "bob"]).await;
    assert!(third.is_open());
    // Two nodes at the same time: one of both has it.
    let visits = (0..2).map(|node| {
        let visit = Visit::new(room, &format!("cleo-{node}")).key("cleo");
        let addr = machines.nodes[node].addr;
        async move { visit.try_connect(addr).await.unwrap() }
    });
    let both = futures_util::future::join_all(visits).await;
    let here = machines.nodes[1].rooms.room(room);
    until("one has the seat", async || {
        both.iter().filter(|member| member.is_open()).count() == 1
            && here.fetch_members().await.unwrap().len() == 3
    })
    .await;
}
