//! Connections that are open and deaf.

use std::time::{Duration, Instant};

use crate::support::{ConnectionKind, Machines};

/// Time until a deaf connection is noticed and replaced: the patience is two seconds, the rest is
/// for a slow machine. The round of checks takes thirty.
const NOTICED_WITHIN: Duration = Duration::from_secs(8);

async fn a_node_is_not_deaf_for_long(break_it: impl Fn(&Machines)) {
    let machines = Machines::start(2).await;
    let rooms = ["history-1", "told-1"];
    let (mut remembered, mut plain) =
        (machines.member_on_each(rooms[0]).await, machines.member_on_each(rooms[1]).await);
    machines.publish(1, rooms[0], [1]).await;
    remembered[0].numbers(1).await;
    break_it(&machines);
    let broken = Instant::now();
    // Nothing is published on this node, which would notice.
    machines.publish(1, rooms[0], 2..=10).await;
    machines.publish(1, rooms[1], 1..=10).await;
    assert!(remembered[0].numbers(10).await.iter().copied().eq(1..=10));
    assert!(broken.elapsed() < NOTICED_WITHIN, "{:?}", broken.elapsed());
    assert_eq!(plain[0].first("$lagged").await["missed"], 10);
    machines.publish(1, rooms[1], [11]).await;
    assert_eq!(plain[0].numbers_up_to(11).await, [11]);
    assert!(plain[1].numbers_up_to(11).await.iter().copied().eq(1..=11));
}

#[tokio::test]
async fn a_deaf_listening_connection_is_replaced() {
    a_node_is_not_deaf_for_long(|machines| machines.proxies[0].swallow_kind(ConnectionKind::Listening)).await;
}

#[tokio::test]
async fn a_node_whose_connections_are_both_deaf_connects_again() {
    a_node_is_not_deaf_for_long(|machines| machines.proxies[0].swallow()).await;
}

#[tokio::test]
async fn a_listening_connection_that_is_killed_is_replaced() {
    let machines = Machines::start(2).await;
    let room = "history-1";
    let mut members = machines.member_on_each(room).await;
    for round in 0..20 {
        machines.broadcast(1, room, (0..50).map(|n| 50 * round + n));
        match round % 2 {
            0 => machines.proxies[0].cut_kind(ConnectionKind::Listening),
            _ => machines.server.command(&["CLIENT", "KILL", "TYPE", "pubsub"]).await,
        }
    }
    for member in &mut members {
        let numbers = member.numbers(1_000).await;
        assert!(numbers.iter().copied().eq(0..1_000), "{numbers:?}");
    }
}
