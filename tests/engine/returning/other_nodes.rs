//! Clients that return to another node while messages come.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use tests::engine_app::Tell;

use crate::support::{Machines, Visit};

/// Times that the client returns.
const RETURNS: usize = 200;

#[tokio::test]
async fn a_client_that_changes_nodes_misses_nothing_and_gets_nothing_twice() {
    let machines = Machines::start(3).await;
    let name = "history-1";
    let room = machines.nodes[0].rooms.room(name);
    let ends = Arc::new(AtomicBool::new(false));
    let has_ended = ends.clone();
    let publisher = tokio::spawn(async move {
        let mut n = 0;
        while !has_ended.load(Ordering::Relaxed) {
            n += 1;
            room.publish(&Tell::number(n)).await.unwrap();
        }
        n
    });
    let mut seen: Vec<u64> = Vec::new();
    let mut at = None;
    for turn in 0..RETURNS {
        let visit = Visit::new(name, "ann").at(at.take());
        let mut member = machines.member(turn % 3, &visit).await;
        let numbers = member.numbers(1 + turn % 7).await;
        assert_eq!(member.count(if turn == 0 { "$joined" } else { "$resumed" }), 1);
        assert!(turn == 0 || member.first("$resumed").await["recovered"].is_u64());
        // It may have received more since then.
        let told = member.told();
        at = told
            .iter()
            .filter(|told| told["n"].is_u64())
            .nth(numbers.len() - 1)
            .map(|told| told["$at"].as_str().unwrap().to_owned());
        seen.extend(numbers);
    }
    ends.store(true, Ordering::Relaxed);
    let last = publisher.await.unwrap();
    let mut member = machines.member(0, &Visit::new(name, "ann").at(at)).await;
    if seen.last() != Some(&last) {
        seen.extend(member.numbers_up_to(last).await);
    }
    let first = seen[0];
    assert!(seen.iter().copied().eq(first..=last), "not every number once, in order, from {first} to {last}");
}

#[tokio::test]
async fn what_comes_while_a_client_resumes_follows_what_it_missed() {
    let machines = Machines::start(2).await;
    let name = "history-1";
    let mut first = machines.member(0, &Visit::new(name, "ann")).await;
    machines.publish(0, name, 1..=500).await;
    first.numbers(1).await;
    let at = first.told().iter().find(|told| told["n"] == 1).unwrap()["$at"].clone();
    let at = at.as_str().unwrap().to_owned();
    // Many at once, on a node that has not heard the room, while the room goes on.
    machines.broadcast(0, name, 501..=1_000);
    let visits = (0..20).map(|n| {
        let visit = Visit::new(name, &format!("member-{n}")).at(at.clone());
        let addr = machines.nodes[1].addr;
        async move { visit.enter(addr).await }
    });
    let mut members = futures_util::future::join_all(visits).await;
    machines.publish(1, name, [1_001]).await;
    for member in &mut members {
        let numbers = member.numbers_up_to(1_001).await;
        assert!(numbers.iter().copied().eq(2..=1_001), "{numbers:?}");
    }
}
