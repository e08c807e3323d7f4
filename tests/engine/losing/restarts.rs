//! Servers that come back without their data.

use ignitia::engine::EngineStatus;

use crate::support::{Machines, StoreOptions, Visit, until};

#[tokio::test]
async fn after_a_restart_without_data_rooms_begin_a_new_life_and_know_their_members() {
    let mut machines = Machines::with(StoreOptions::volatile(), 2, |config| config).await;
    let rooms = ["history+told-1", "told-1"];
    let (mut remembered, mut plain) =
        (machines.member_on_each(rooms[0]).await, machines.member_on_each(rooms[1]).await);
    for room in rooms {
        machines.publish(0, room, [1, 2]).await;
    }
    remembered[1].numbers(2).await;
    let at = remembered[1].last_at().unwrap();
    machines.server.restart_empty().await;
    machines.all(EngineStatus::Up).await;
    for room in rooms {
        machines.publish(1, room, [3]).await;
    }
    for member in remembered.iter_mut().chain(&mut plain) {
        // Something may be lost, but the number is not known.
        assert!(member.first("$lagged").await["missed"].is_null());
        assert_eq!(member.numbers_up_to(3).await, [1, 2, 3]);
        assert_eq!(member.count("$lagged"), 1);
        let told: Vec<_> = member.told().iter().rev().map(|told| told["type"].clone()).take(2).collect();
        assert_eq!(told, ["said", "$lagged"]);
    }
    let life = |at: &str| at[..at.find('.').unwrap()].to_owned();
    assert_ne!(life(&remembered[0].last_at().unwrap()), life(&at));

    let mut again = machines.member(1, &Visit::new(rooms[0], "again").at(at)).await;
    assert_eq!(again.first("$resumed").await["lost"], true);
    assert_eq!(again.last_at(), remembered[0].last_at());
    for room in rooms {
        let stored = async || machines.nodes[0].rooms.room(room).fetch_members().await.unwrap().len();
        let expected = if room == rooms[0] { 3 } else { 2 };
        until("the members are known again", async || stored().await == expected).await;
        until("on all nodes, too", async || {
            machines.nodes.iter().all(|node| node.rooms.room(room).len() == expected)
        })
        .await;
    }
}
