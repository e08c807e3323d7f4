//! Many rooms on one connection, which is cut again and again.

use std::{collections::BTreeSet, time::Duration};

use ignitia::engine::EngineStatus;
use tests::engine_app::Ask;
use tokio::time::sleep;

use crate::support::{Machines, Member, Visit, until};

const ROOMS: u64 = 10_000;

/// Returns the channels of rooms that the server has subscribers of.
async fn subscribed(machines: &Machines) -> BTreeSet<String> {
    let pattern = machines.key("*", "c");
    machines.server.command::<Vec<String>>(&["PUBSUB", "CHANNELS", &pattern]).await.into_iter().collect()
}

fn channels(machines: &Machines, rooms: impl IntoIterator<Item = String>) -> BTreeSet<String> {
    rooms.into_iter().map(|room| machines.key(&room, "c")).collect()
}

/// Cuts the connections of the first node twenty times within 1.6 seconds.
async fn cut_twenty_times(machines: &Machines) {
    for _ in 0..20 {
        machines.proxies[0].cut();
        sleep(Duration::from_millis(80)).await;
    }
}

#[tokio::test]
async fn ten_thousand_rooms_are_all_heard_after_twenty_cuts() {
    let machines = Machines::start(2).await;
    let mut member = machines.member(0, &Visit::new("plain-lobby", "ann")).await;
    member.ask(&Ask::Enter { rooms: "plain-".to_owned(), count: ROOMS, says: false });
    member.mark().await;
    let rooms = (0..ROOMS).map(|n| format!("plain-{n}")).chain(["plain-lobby".to_owned()]);
    let expected = channels(&machines, rooms);
    until("all rooms are subscribed", async || subscribed(&machines).await == expected).await;
    machines.nodes[0].status(EngineStatus::Up).await;

    cut_twenty_times(&machines).await;
    machines.nodes[0].status(EngineStatus::Up).await;
    assert_eq!(subscribed(&machines).await, expected);
    for n in 0..ROOMS {
        // The queue has a bound.
        if n % 1_000 == 999 {
            machines.publish(1, &format!("plain-{n}"), [n]).await;
        } else {
            machines.broadcast(1, &format!("plain-{n}"), [n]);
        }
    }
    let mut numbers = member.numbers(ROOMS as usize).await;
    numbers.sort_unstable();
    assert!(numbers.into_iter().eq(0..ROOMS));
}

/// Enters and leaves rooms for a while. At the end it is in one of them.
async fn commute(member: &mut Member, name: &str) {
    for n in 0..1_000 {
        let rooms = format!("plain-{name}-{}-", n % 7);
        member.ask(&Ask::Enter { rooms: rooms.clone(), count: 3, says: false });
        member.ask(&Ask::Leave { rooms });
        if n % 20 == 0 {
            member.mark().await;
        }
    }
    member.ask(&Ask::Enter { rooms: format!("plain-{name}-last-"), count: 3, says: false });
    member.mark().await;
}

#[tokio::test]
async fn rooms_that_are_entered_and_left_during_cuts_are_those_that_are_heard() {
    let machines = Machines::start(1).await;
    let names = ["ann", "bob", "cleo"];
    let mut members = Vec::new();
    for name in names {
        members.push(machines.member(0, &Visit::new("plain-lobby", name)).await);
    }
    let commuters = members.iter_mut().zip(names).map(|(member, name)| commute(member, name));
    tokio::join!(futures_util::future::join_all(commuters), cut_twenty_times(&machines));
    let last = names.iter().flat_map(|name| (0..3).map(move |n| format!("plain-{name}-last-{n}")));
    let expected = channels(&machines, last.clone().chain(["plain-lobby".to_owned()]));
    until("just the last rooms are subscribed", async || subscribed(&machines).await == expected).await;
    machines.nodes[0].status(EngineStatus::Up).await;
    for (n, room) in last.enumerate() {
        machines.publish(0, &room, [n as u64]).await;
    }
    for (first, member) in members.iter_mut().enumerate() {
        let first = 3 * first as u64;
        let mut numbers = member.numbers(3).await;
        numbers.sort_unstable();
        assert_eq!(numbers, [first, first + 1, first + 2]);
    }
}
