//! Nodes that were away for longer than the history is, or that have none.

use std::time::Duration;

use ignitia::engine::{EngineConfig, EngineStatus};

use crate::support::{Machines, Member, StoreOptions};

/// Publishes numbers on the second node while the first is cut off.
async fn publish_behind_its_back(machines: &Machines, room: &str, numbers: std::ops::RangeInclusive<u64>) {
    machines.proxies[0].refuse(true);
    machines.nodes[0].status(EngineStatus::Down).await;
    machines.publish(1, room, numbers).await;
    machines.proxies[0].refuse(false);
    machines.nodes[0].status(EngineStatus::Up).await;
}

async fn start(room: &str) -> (Machines, Vec<Member>) {
    // A stall of the machine is no outage.
    let patient =
        |config: EngineConfig| config.patience(Duration::from_secs(30)).lease(Duration::from_secs(60));
    let machines = Machines::with(StoreOptions::default(), 2, patient).await;
    let members = machines.member_on_each(room).await;
    machines.publish(1, room, [1]).await;
    (machines, members)
}

#[tokio::test]
async fn members_of_a_room_without_history_are_told_how_many_messages_they_missed() {
    let room = "told-1";
    let (machines, mut members) = start(room).await;
    members[0].numbers(1).await;
    publish_behind_its_back(&machines, room, 2..=18).await;
    machines.publish(1, room, [19]).await;
    assert_eq!(members[0].numbers_up_to(19).await, [1, 19]);
    assert_eq!(members[0].count("$lagged"), 1);
    let lagged = members[0].first("$lagged").await;
    assert_eq!((&lagged["room"], &lagged["missed"]), (&room.into(), &17.into()));
    let told: Vec<_> = members[0].told().iter().map(|told| told["type"].clone()).collect();
    assert_eq!(told, ["said", "$lagged", "said"]);
    assert!(members[1].numbers_up_to(19).await.iter().copied().eq(1..=19));
    assert_eq!(members[1].count("$lagged"), 0);
}

#[tokio::test]
async fn members_that_are_not_told_are_closed() {
    let room = "plain-1";
    let (machines, mut members) = start(room).await;
    members[0].numbers(1).await;
    publish_behind_its_back(&machines, room, 2..=3).await;
    assert_eq!(members[0].end().await, (1013, "lagged".to_owned()));
    machines.publish(0, room, [4]).await;
    assert_eq!(members[1].numbers(4).await, [1, 2, 3, 4]);
}

#[tokio::test]
async fn a_hole_that_is_larger_than_the_history_is_told_once_and_no_part_of_it_delivered() {
    let room = "short+told-1";
    let (machines, mut members) = start(room).await;
    members[0].numbers(1).await;
    publish_behind_its_back(&machines, room, 2..=1_001).await;
    machines.publish(1, room, [1_002]).await;
    assert_eq!(members[0].numbers_up_to(1_002).await, [1, 1_002]);
    assert_eq!(members[0].count("$lagged"), 1);
    assert_eq!(members[0].first("$lagged").await["missed"], 1_000);
    assert!(members[1].numbers(1_002).await.iter().copied().eq(1..=1_002));
}

#[tokio::test]
async fn an_outage_in_which_nothing_was_published_is_told_to_nobody() {
    for room in ["told-1", "history+told-1"] {
        let (machines, mut members) = start(room).await;
        // What is on its way when the connection is cut would be lost.
        members[0].numbers(1).await;
        for _ in 0..5 {
            machines.proxies[0].cut();
            machines.nodes[0].status(EngineStatus::Down).await;
            machines.nodes[0].status(EngineStatus::Up).await;
        }
        machines.publish(1, room, [2]).await;
        for member in &mut members {
            assert_eq!(member.numbers(2).await, [1, 2]);
            assert_eq!(member.count("$lagged"), 0, "{room}");
        }
    }
}
