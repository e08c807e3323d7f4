//! First members of rooms, and last ones.

use tests::engine_app::Ask;

use crate::support::{ConnectionKind, Machines, Visit, until};

/// Rooms that a member enters in a row.
const ROOMS: u64 = 500;

#[tokio::test]
async fn who_enters_an_empty_room_and_broadcasts_at_once_hears_it() {
    let machines = Machines::start(2).await;
    for round in 0..4 {
        let mut members = Vec::new();
        for node in 0..2 {
            let visit = Visit::new("plain-lobby", &format!("member-{node}"));
            let member = machines.member(node, &visit).await;
            let rooms = format!("told-{round}-{node}-");
            member.ask(&Ask::Enter { rooms, count: ROOMS, says: true });
            members.push(member);
        }
        for member in &mut members {
            let mut numbers = member.numbers(ROOMS as usize).await;
            numbers.sort_unstable();
            assert!(numbers.iter().copied().eq(0..ROOMS), "round {round}: {numbers:?}");
        }
    }
}

#[tokio::test]
async fn a_room_that_is_left_while_it_is_looked_up_is_forgotten() {
    let machines = Machines::start(2).await;
    let room = "history-1";
    let channels = async || {
        let pattern = machines.key("*", "c");
        machines.server.command::<Vec<String>>(&["PUBSUB", "CHANNELS", &pattern]).await.len()
    };
    let mut member = machines.member(0, &Visit::new("plain-lobby", "ann")).await;
    let before = channels().await;
    // The look-up behind the subscription waits.
    machines.proxies[0].stall_kind(ConnectionKind::Commands);
    member.ask(&Ask::Enter { rooms: "history-".to_owned(), count: 3, says: false });
    member.mark().await;
    until("the rooms are subscribed", async || channels().await == before + 3).await;
    member.ask(&Ask::Leave { rooms: "history-".to_owned() });
    member.mark().await;
    machines.publish(1, room, [1]).await;
    machines.proxies[0].stall(false);
    until("no room is left", async || channels().await == before).await;
    machines.publish(1, "plain-lobby", [2]).await;
    assert_eq!(member.numbers_up_to(2).await, [2]);
    until("no member is left", async || {
        machines.nodes[1].rooms.room(room).fetch_members().await.unwrap().is_empty()
    })
    .await;
}
