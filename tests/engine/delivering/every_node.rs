//! One order for all members on all nodes.

use serde_json::Value;
use tests::engine_app::{Ask, Tell};

use crate::support::{Machines, Visit, until};

#[tokio::test]
async fn a_broadcast_reaches_the_members_on_all_nodes_in_one_order() {
    let machines = Machines::start(3).await;
    for room in ["history-1", "plain-1"] {
        let mut members = machines.member_on_each(room).await;
        // All nodes at the same time.
        for n in 0..100 {
            for node in 0..3 {
                machines.broadcast(node, room, [100 * node as u64 + n]);
            }
        }
        let mut orders = Vec::new();
        for member in &mut members {
            let numbers = member.numbers(300).await;
            for node in 0..3 {
                let of_node = numbers.iter().copied().filter(|n| n / 100 == node);
                assert!(of_node.eq(100 * node..100 * node + 100), "{room}: {numbers:?}");
            }
            orders.push(numbers);
        }
        assert!(orders.iter().all(|order| *order == orders[0]), "{room}: {orders:?}");
        let positions = |told: Vec<Value>| -> Vec<Value> {
            told.into_iter().filter(|told| told["type"] == "said").map(|told| told["$at"].clone()).collect()
        };
        let first = positions(members[0].told());
        assert_eq!(first.iter().all(Value::is_string), room == "history-1");
        assert!(members.iter().all(|member| positions(member.told()) == first));
    }
}

#[tokio::test]
async fn what_is_for_one_member_or_for_all_but_one_passes_nodes_in_order() {
    let machines = Machines::start(2).await;
    let room = "history-1";
    let mut members = machines.member_on_each(room).await;
    until("both are known", async || machines.nodes[0].rooms.room(room).len() == 2).await;
    let here = machines.nodes[0].rooms.room(room);
    let known = here.members();
    let id = |name: &str| known.iter().find(|member| member.presence.name == name).unwrap().id;
    machines.broadcast(0, room, [1]);
    here.send_to(id("member-1"), &Tell::number(2)).unwrap();
    here.broadcast_except(id("member-1"), &Tell::number(3)).unwrap();
    here.broadcast_transient(&Tell::number(4)).unwrap();
    machines.broadcast(0, room, [5]);
    assert_eq!(members[0].numbers_up_to(5).await, [1, 3, 4, 5]);
    assert_eq!(members[1].numbers_up_to(5).await, [1, 2, 4, 5]);
    // The ends of connections, too.
    here.close(id("member-1"), ignitia::CloseFrame { code: 4002, reason: "bye".into() }).unwrap();
    assert_eq!(members[1].end().await, (4002, "bye".to_owned()));
}

#[tokio::test]
async fn messages_to_a_user_reach_each_connection_once() {
    let machines = Machines::start(2).await;
    let mut members = Vec::new();
    for node in [0, 1, 1] {
        let visit = Visit::new("plain-1", "ann").key("ann");
        members.push(machines.member(node, &visit).await);
    }
    // One of them is in a second room of the same user.
    members[2].ask(&Ask::Enter { rooms: "plain-2".to_owned(), count: 1, says: false });
    members[2].mark().await;
    let mut other = machines.member(1, &Visit::new("plain-1", "bob").key("bob")).await;
    until("all are known", async || machines.nodes.iter().all(|node| node.rooms.room("plain-1").len() == 4))
        .await;
    machines.nodes[0].rooms.send_to_key("ann", &Tell::number(1)).unwrap();
    machines.broadcast(0, "plain-1", [2]);
    for member in &mut members {
        let mut numbers = member.numbers(2).await;
        // They come through two feeds.
        numbers.sort_unstable();
        assert_eq!(numbers, [1, 2]);
    }
    assert_eq!(other.numbers_up_to(2).await, [2]);
    let frame = ignitia::CloseFrame { code: 4003, reason: "logged out".into() };
    machines.nodes[0].rooms.close_key("ann", &frame).unwrap();
    for member in &mut members {
        assert_eq!(member.end().await.0, 4003);
    }
    assert!(other.is_open());
}

#[tokio::test]
async fn a_message_to_several_rooms_reaches_each_connection_once() {
    let machines = Machines::start(2).await;
    let mut both = machines.member(1, &Visit::new("history-1", "ann")).await;
    both.ask(&Ask::Enter { rooms: "history-".to_owned(), count: 3, says: false });
    both.mark().await;
    let mut one = machines.member(0, &Visit::new("history-2", "bob")).await;
    until("both are known", async || {
        let known = |node: usize, room: &str| machines.nodes[node].rooms.room(room).len();
        known(1, "history-2") == 2 && known(0, "history-2") == 2 && known(1, "history-1") == 2
    })
    .await;
    let names = ["history-0", "history-1", "history-2"];
    machines.nodes[0].rooms.broadcast_to(names, &Tell::number(1)).unwrap();
    machines.publish(0, "history-2", [2]).await;
    machines.publish(0, "history-1", [3]).await;
    // A member of `history-1` twice: once as it came, once by its message.
    let mut numbers = both.numbers(4).await;
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 2, 3, 3]);
    assert_eq!(one.numbers_up_to(2).await, [1, 2]);
}
