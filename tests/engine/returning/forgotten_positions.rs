//! Positions that a history has forgotten.

use crate::support::{LocalNode, Machines, Visit, until};

async fn forgotten(room: &str, first_part: u64, what: &str) {
    let machines = Machines::start(2).await;
    // No member is on the second node: it has heard nothing.
    let mut member = machines.member(0, &Visit::new(room, "ann")).await;
    machines.publish(0, room, 1..=first_part).await;
    member.numbers(1).await;
    let first = member.told().iter().find(|told| told["n"] == 1).unwrap()["$at"].clone();
    let first = first.as_str().unwrap().to_owned();
    let mut next = first_part;
    until(what, async || {
        next += 1;
        machines.publish(0, room, [next]).await;
        let oldest: Vec<(String, Vec<String>)> =
            machines.server.command(&["XRANGE", &machines.key(room, "s"), "-", "+", "COUNT", "1"]).await;
        !oldest[0].0.starts_with("1-")
    })
    .await;
    for node in 0..2 {
        // What a node has in its memory came to it a little later than to the server.
        let visit = Visit::new(room, "again").at(first.clone());
        let mut again = machines.member(node, &visit).await;
        let mut resumed = again.first("$resumed").await;
        until("the node has forgotten it, too", async || {
            if resumed["lost"] != true {
                again = machines.member(node, &visit).await;
                resumed = again.first("$resumed").await;
            }
            resumed["lost"] == true
        })
        .await;
        assert!(resumed["$at"].is_string());
        // From there on nothing is missed.
        let at = resumed["$at"].as_str().unwrap().to_owned();
        next += 1;
        machines.publish(0, room, [next]).await;
        assert_eq!(again.numbers(1).await, [next]);
        let newcomer = LocalNode::start(machines.server.url(), &machines.app).await;
        let mut again = Visit::new(room, "again").at(at.clone()).enter(newcomer.addr).await;
        let resumed = again.first("$resumed").await;
        assert_eq!(resumed["recovered"], 1, "node {node}, {first}, {at}: {resumed}");
    }
}

#[tokio::test]
async fn by_its_age() {
    forgotten("brief-1", 3, "a message is too old").await;
}

#[tokio::test]
async fn by_their_number() {
    forgotten("short-1", 200, "there are too many messages").await;
}

#[tokio::test]
async fn by_their_bytes() {
    forgotten("small-1", 200, "there are too many bytes").await;
}

#[tokio::test]
async fn a_position_that_no_room_has_is_lost() {
    let machines = Machines::start(1).await;
    machines.publish(0, "history-1", [1]).await;
    for at in ["0.0", "0.1", "ffffffffffffffff.18446744073709551615"] {
        let mut member = machines.member(0, &Visit::new("history-1", "ann").at(at.to_owned())).await;
        assert_eq!(member.first("$resumed").await["lost"], true, "{at}");
    }
    let mut member = machines.member(0, &Visit::new("history-1", "bob")).await;
    machines.publish(0, "history-1", [2]).await;
    member.numbers(1).await;
    let here = machines.nodes[0].rooms.room("history-1");
    let epoch = member.last_at().unwrap().split('.').next().unwrap().to_owned();
    for offset in ["9007199254740991", "9007199254740993", "18446744073709551615"] {
        let at = format!("{epoch}.{offset}");
        let mut again = machines.member(0, &Visit::new("history-1", "ann").at(at.clone())).await;
        assert_eq!(again.first("$resumed").await["lost"], true, "{at}");
        // All is before it.
        let page = here.fetch_history(Some(at.parse().unwrap()), 10).await.unwrap();
        assert_eq!(page.len(), 2, "{at}");
    }
}
