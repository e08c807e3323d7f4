//! Servers that are away, and nodes that cannot reach theirs.

use std::{
    env,
    time::{Duration, Instant},
};

use ignitia::engine::EngineStatus;
use tests::engine_app::Ask;
use tokio::time::sleep;

use crate::support::{Machines, StoreOptions, Visit};

/// Time until a node is back after its server is: the longest pause between two attempts is 1.5
/// seconds, the rest is for a slow machine.
const BACK_WITHIN: Duration = Duration::from_secs(6);

/// Time of the longest outage: clients of other libraries give up after nine seconds. By hand it
/// may be longer.
fn long_outage() -> Duration {
    let seconds = env::var("ENGINE_OUTAGE_SECONDS").map_or(12, |seconds| seconds.parse().unwrap());
    Duration::from_secs(seconds)
}

#[tokio::test]
async fn a_server_that_was_killed_is_found_again_after_any_time() {
    let mut machines = Machines::start(2).await;
    let room = "history+patient-1";
    let mut members = machines.member_on_each(room).await;
    machines.publish(0, room, [1]).await;
    machines.server.kill();
    machines.all(EngineStatus::Down).await;
    assert!(!machines.nodes[0].engine.is_up());
    machines.broadcast(0, room, [2]);
    machines.broadcast(1, room, [3]);
    sleep(long_outage()).await;
    machines.server.run().await;
    let back = Instant::now();
    machines.all(EngineStatus::Up).await;
    assert!(back.elapsed() < BACK_WITHIN, "{:?}", back.elapsed());
    machines.publish(0, room, [4]).await;
    machines.publish(1, room, [5]).await;
    let mut orders = Vec::new();
    for member in &mut members {
        let mut numbers = member.numbers_up_to(5).await;
        orders.push(numbers.clone());
        numbers.sort_unstable();
        assert_eq!(numbers, [1, 2, 3, 4, 5]);
    }
    assert_eq!(orders[0], orders[1]);
}

#[tokio::test]
async fn a_frozen_server_is_away_and_loses_nothing() {
    let machines = Machines::start(2).await;
    let room = "history+patient-1";
    let mut members = machines.member_on_each(room).await;
    machines.server.freeze();
    machines.all(EngineStatus::Down).await;
    machines.broadcast(0, room, 1..=10);
    machines.server.thaw();
    machines.all(EngineStatus::Up).await;
    machines.publish(1, room, [11]).await;
    for member in &mut members {
        let numbers = member.numbers(11).await;
        assert!(numbers.iter().copied().eq(1..=11), "{numbers:?}");
    }
}

#[tokio::test]
async fn a_node_that_was_cut_off_gets_what_it_missed_and_the_others_notice_nothing() {
    let machines = Machines::start(2).await;
    let rooms = ["history-1", "history-2"];
    let mut members = Vec::new();
    for room in rooms {
        members.push(machines.member_on_each(room).await);
        machines.publish(1, room, [1]).await;
    }
    machines.proxies[0].refuse(true);
    machines.nodes[0].status(EngineStatus::Down).await;
    // Nothing follows in the second room: only a look-up shows what came last.
    machines.publish(1, rooms[0], 2..=300).await;
    machines.publish(1, rooms[1], 2..=300).await;
    assert!(members[1][1].numbers(300).await.iter().copied().eq(1..=300));
    machines.proxies[0].refuse(false);
    let back = Instant::now();
    assert!(members[1][0].numbers(300).await.iter().copied().eq(1..=300));
    assert!(back.elapsed() < BACK_WITHIN, "{:?}", back.elapsed());
    machines.publish(1, rooms[0], [301]).await;
    for member in &mut members[0] {
        assert!(member.numbers(301).await.iter().copied().eq(1..=301));
    }
}

#[tokio::test]
async fn a_server_that_is_restarted_keeps_the_lives_of_its_rooms() {
    let mut machines = Machines::start(2).await;
    let room = "history-1";
    let mut members = machines.member_on_each(room).await;
    machines.publish(0, room, [1, 2]).await;
    members[1].numbers(2).await;
    let at = members[1].last_at().unwrap();
    machines.server.restart().await;
    machines.all(EngineStatus::Up).await;
    machines.publish(0, room, [3]).await;
    for member in &mut members {
        assert_eq!(member.numbers(3).await, [1, 2, 3]);
        assert_eq!(member.count("$lagged"), 0);
    }
    let mut again = machines.member(0, &Visit::new(room, "again").at(at)).await;
    assert_eq!(again.first("$resumed").await["recovered"], 1);
    assert_eq!(again.numbers(1).await, [3]);
}

#[tokio::test]
async fn what_was_accepted_while_scripts_are_flushed_keeps_its_order() {
    let machines = Machines::with(StoreOptions::default(), 2, |config| config).await;
    let room = "history-1";
    let mut members = machines.member_on_each(room).await;
    for round in 0..40 {
        for node in 0..2 {
            machines.broadcast(node, room, (0..10).map(|n| 1_000 * node as u64 + 10 * round + n));
        }
        machines.server.command::<()>(&["SCRIPT", "FLUSH"]).await;
    }
    for member in &mut members {
        let numbers = member.numbers(800).await;
        for node in 0..2 {
            let of_node = numbers.iter().copied().filter(|n| n / 1_000 == node);
            assert!(of_node.eq(1_000 * node..1_000 * node + 400), "{numbers:?}");
        }
    }
}

#[tokio::test]
async fn what_came_last_in_many_rooms_is_looked_up_at_once() {
    const ROOMS: u64 = 300;
    let machines = Machines::start(2).await;
    let mut member = machines.member(0, &Visit::new("history-lobby", "ann")).await;
    // They are heard once what the member says in them has come back.
    member.ask(&Ask::Enter { rooms: "history-".to_owned(), count: ROOMS, says: true });
    member.numbers(ROOMS as usize).await;
    machines.proxies[0].refuse(true);
    machines.nodes[0].status(EngineStatus::Down).await;
    for n in 0..ROOMS {
        machines.broadcast(1, &format!("history-{n}"), [n]);
    }
    machines.publish(1, "history-elsewhere", [0]).await;
    machines.proxies[0].refuse(false);
    let back = Instant::now();
    // Nothing follows in these rooms. The round of checks would take thirty seconds.
    member.numbers(2 * ROOMS as usize).await;
    assert!(back.elapsed() < BACK_WITHIN, "{:?}", back.elapsed());
}
