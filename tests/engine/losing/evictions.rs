//! Keys that the server evicts, one without the other.

use crate::support::{Machines, Visit};

const ROOM: &str = "history+told-1";

async fn evict(machines: &Machines, part: &str) {
    let removed: u64 = machines.server.command(&["DEL", &machines.key(ROOM, part)]).await;
    assert_eq!(removed, 1);
}

#[tokio::test]
async fn a_room_whose_state_was_evicted_begins_a_new_life() {
    let machines = Machines::start(2).await;
    let mut members = machines.member_on_each(ROOM).await;
    machines.publish(0, ROOM, 1..=5).await;
    members[0].numbers(5).await;
    let at = members[0].last_at().unwrap();
    evict(&machines, "m").await;
    machines.publish(0, ROOM, 6..=8).await;
    for member in &mut members {
        member.first("$lagged").await;
        machines.publish(1, ROOM, [9]).await;
        let numbers = member.numbers_up_to(9).await;
        assert!(numbers.is_sorted_by(|a, b| a < b) || numbers.ends_with(&[9, 9]), "{numbers:?}");
    }
    // What was before is not mixed with what came after.
    let mut again = machines.member(0, &Visit::new(ROOM, "again").at(at)).await;
    assert_eq!(again.first("$resumed").await["lost"], true);
}

#[tokio::test]
async fn a_room_whose_history_was_evicted_goes_on_and_tells_clients_that_return() {
    let machines = Machines::start(2).await;
    let mut members = machines.member_on_each(ROOM).await;
    machines.publish(0, ROOM, 1..=5).await;
    members[0].numbers(5).await;
    let at = members[0].told()[2]["$at"].as_str().unwrap().to_owned();
    evict(&machines, "s").await;
    machines.publish(1, ROOM, 6..=8).await;
    for member in &mut members {
        assert!(member.numbers(8).await.iter().copied().eq(1..=8));
        assert_eq!(member.count("$lagged"), 0);
    }
    // A node that has not heard the room cannot know what is gone.
    let newcomer = crate::support::LocalNode::start(machines.server.url(), &machines.app).await;
    let mut again = Visit::new(ROOM, "again").at(at).enter(newcomer.addr).await;
    assert_eq!(again.first("$resumed").await["lost"], true);
    machines.publish(1, ROOM, [9]).await;
    assert_eq!(again.numbers(1).await, [9]);
}
