//! Messages that come while a room is looked up.

use std::time::Duration;

use tests::engine_app::Tell;

use crate::support::{ConnectionKind, Machines, StoreOptions, holds_within, until};

/// Starts nodes that take a stall of seconds for no outage.
async fn patient_machines() -> Machines {
    Machines::with(StoreOptions::default(), 2, |config| {
        config.patience(Duration::from_secs(30)).lease(Duration::from_secs(60))
    })
    .await
}

/// Returns the number of look-ups that the server has done.
async fn look_ups(machines: &Machines) -> u64 {
    let stats: String = machines.server.command(&["INFO", "commandstats"]).await;
    // No other script asks for it.
    let calls = stats.split("cmdstat_pttl:calls=").nth(1);
    calls.map_or(0, |calls| calls.split(',').next().unwrap().parse().unwrap())
}

#[tokio::test]
async fn what_is_on_its_way_while_a_room_is_looked_up_is_not_missing() {
    let machines = patient_machines().await;
    for room in ["told-1", "short+told-1"] {
        let mut members = machines.member_on_each(room).await;
        machines.publish(1, room, [0]).await;
        members[0].numbers(1).await;
        machines.proxies[0].stall_kind(ConnectionKind::Listening);
        machines.publish(1, room, 1..=20).await;
        // Each second some rooms are looked up, though nothing seems to be missing.
        let before = look_ups(&machines).await;
        until("the room is looked up", async || look_ups(&machines).await > before + 10).await;
        machines.proxies[0].stall(false);
        for member in &mut members {
            assert!(member.numbers(21).await.iter().copied().eq(0..=20));
            assert_eq!(member.count("$lagged"), 0);
        }
    }
}

#[tokio::test]
async fn more_than_can_be_held_while_a_room_is_looked_up_is_read_from_its_history() {
    let machines = patient_machines().await;
    let room = "history-1";
    let mut members = machines.member_on_each(room).await;
    // The answer to the next look-up waits.
    machines.proxies[0].stall_kind(ConnectionKind::Commands);
    let mut next = 0;
    let is_heard = async |next: &mut u64, member: &mut crate::support::Member| {
        machines.publish(1, room, [*next]).await;
        *next += 1;
        let count = usize::try_from(*next).unwrap();
        holds_within(Duration::from_millis(500), async || member.count("said") == count).await
    };
    while is_heard(&mut next, &mut members[0]).await {}
    // Four megabytes are held.
    let here = machines.nodes[1].rooms.room(room);
    let from = "x".repeat(4 << 10);
    for n in next..next + 3_000 {
        let message = Tell::Said { from: from.clone(), n };
        // The queue has a bound.
        match n % 500 {
            0 => drop(here.publish(&message).await.unwrap()),
            _ => drop(here.broadcast(&message).unwrap()),
        }
    }
    let last = next + 3_000;
    machines.publish(1, room, [last]).await;
    members[1].numbers_up_to(last).await;
    machines.proxies[0].stall(false);
    for member in &mut members {
        assert!(member.numbers_up_to(last).await.iter().copied().eq(0..=last));
        assert_eq!(member.count("$lagged"), 0);
    }
}
