//! Members that come, change and go.

use ignitia::{engine::EngineStatus, rooms::RoomEvent};
use tests::engine_app::Ask;

use crate::support::{Machines, Visit, until, within};

#[tokio::test]
async fn every_node_with_members_or_watches_knows_all_members() {
    let machines = Machines::start(3).await;
    let room = "plain-1";
    let ann = machines.member(0, &Visit::new(room, "ann")).await;
    let bob = machines.member(1, &Visit::new(room, "bob")).await;
    for node in 0..2 {
        until("both are known", async || machines.nodes[node].names(room) == ["ann", "bob"]).await;
    }
    // The third node knows nothing of the room, and asks.
    assert!(machines.nodes[2].names(room).is_empty());
    let here = machines.nodes[2].rooms.room(room);
    until("both are stored", async || here.fetch_members().await.unwrap().len() == 2).await;
    let mut watch = here.watch();
    until("the watch knows both", async || machines.nodes[2].names(room) == ["ann", "bob"]).await;
    drop(ann);
    until("one is left", async || machines.nodes[1..].iter().all(|node| node.names(room) == ["bob"])).await;
    bob.ask(&Ask::Enter { rooms: "plain-".to_owned(), count: 2, says: false });
    until("a second membership", async || {
        machines.nodes[0].names(room).is_empty() || machines.nodes[2].names(room) == ["bob", "bob"]
    })
    .await;
    let mut names = Vec::new();
    let mut lefts = 0;
    while names.len() - lefts < 2 || lefts < 1 {
        match within("an event", watch.recv()).await.unwrap() {
            RoomEvent::Joined(member) => names.push(member.presence.name.clone()),
            RoomEvent::Left(_) => lefts += 1,
            event => panic!("{event:?}"),
        }
    }
    assert_eq!(lefts, 1, "{names:?}");
}

#[tokio::test]
async fn members_that_came_and_went_during_an_outage_are_known_after_it() {
    let machines = Machines::start(2).await;
    let room = "plain-1";
    let mut ann = machines.member(0, &Visit::new(room, "ann")).await;
    let bob = machines.member(1, &Visit::new(room, "bob")).await;
    until("both are known", async || machines.nodes.iter().all(|node| node.names(room) == ["ann", "bob"]))
        .await;
    machines.proxies[0].refuse(true);
    machines.nodes[0].status(EngineStatus::Down).await;
    let _cleo = machines.member(0, &Visit::new(room, "cleo")).await;
    let _dora = machines.member(1, &Visit::new(room, "dora")).await;
    drop(bob);
    until("each node knows its own", async || {
        machines.nodes[0].names(room).contains(&"cleo".to_owned())
            && machines.nodes[1].names(room) == ["ann", "dora"]
    })
    .await;
    machines.proxies[0].refuse(false);
    until("all are known", async || {
        machines.nodes.iter().all(|node| node.names(room) == ["ann", "cleo", "dora"])
    })
    .await;
    assert_eq!(ann.count("$lagged"), 0);
    ann.mark().await;
}
