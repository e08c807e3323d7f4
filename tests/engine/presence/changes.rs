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

#[tokio::test]
async fn a_member_whose_join_waited_when_the_connection_was_lost_leaves_no_ghost() {
    let machines = Machines::start(2).await;
    let room = "told+patient-1";
    let _members = machines.member_on_each(room).await;
    machines.publish(0, room, [1]).await;
    machines.proxies[0].stall(true);
    // This one is on its way, and what follows waits behind it.
    machines.broadcast(0, room, [2]);
    let cleo = machines.member(0, &Visit::new(room, "cleo")).await;
    machines.proxies[0].stall(false);
    machines.proxies[0].refuse(true);
    machines.nodes[0].status(EngineStatus::Down).await;
    drop(cleo);
    until("it has left", async || machines.nodes[0].names(room) == ["member-0", "member-1"]).await;
    machines.proxies[0].refuse(false);
    machines.nodes[0].status(EngineStatus::Up).await;
    machines.publish(0, room, [3]).await;
    for node in &machines.nodes {
        until("no ghost", async || node.names(room) == ["member-0", "member-1"]).await;
    }
    assert_eq!(machines.nodes[1].rooms.room(room).fetch_members().await.unwrap().len(), 2);
}

#[tokio::test]
async fn changes_that_the_server_does_not_take_become_one_list() {
    let machines = Machines::start(2).await;
    let room = "patient-1";
    let _members = machines.member_on_each(room).await;
    machines.publish(0, room, [1]).await;
    machines.server.command::<()>(&["CONFIG", "SET", "maxmemory", "1"]).await;
    machines.broadcast(0, room, [2]);
    machines.nodes[0].status(EngineStatus::Refusing).await;
    let changes = async || -> u64 { machines.server.command(&["HGET", &machines.key(room, "m"), "v"]).await };
    let before = changes().await;
    for n in 0..50 {
        drop(machines.member(0, &Visit::new(room, &format!("guest-{n}"))).await);
    }
    let _last = machines.member(0, &Visit::new(room, "last")).await;
    until("the guests have left", async || machines.nodes[0].names(room).len() == 3).await;
    machines.server.command::<()>(&["CONFIG", "SET", "maxmemory", "0"]).await;
    machines.nodes[0].status(EngineStatus::Up).await;
    machines.publish(0, room, [3]).await;
    until("all are known", async || machines.nodes[1].names(room) == ["last", "member-0", "member-1"]).await;
    // Of more than a hundred changes.
    let after = changes().await;
    assert!(after > before && after - before < 40, "{before} to {after}");
    assert_eq!(machines.nodes[1].rooms.room(room).fetch_members().await.unwrap().len(), 3);
}

#[tokio::test]
async fn a_room_that_is_left_and_heard_again_while_it_is_checked_knows_its_members() {
    let machines = Machines::start(2).await;
    let room = "plain-1";
    let _bob = machines.member(1, &Visit::new(room, "bob")).await;
    let here = machines.nodes[0].rooms.room(room);
    let watch = here.watch();
    until("he is known", async || machines.nodes[0].names(room) == ["bob"]).await;
    // A node asks again and again where its rooms are. The question waits now.
    let key = machines.key(room, "");
    machines.proxies[0].stall_from(key.trim_end_matches(':'));
    until("the room is checked", async || machines.proxies[0].has_trapped()).await;
    drop(watch);
    let channel = machines.key(room, "c");
    let subscribers = async |count| {
        let listed: (String, u64) = machines.server.command(&["PUBSUB", "NUMSUB", &channel]).await;
        listed.1 == count
    };
    until("the room is left", async || subscribers(1).await).await;
    let _watch = here.watch();
    until("the room is heard again", async || subscribers(2).await).await;
    machines.proxies[0].stall(false);
    until("he is known again", async || machines.nodes[0].names(room) == ["bob"]).await;
}

#[tokio::test]
async fn a_room_that_was_left_and_entered_again_during_an_outage_has_its_new_member() {
    let machines = Machines::start(2).await;
    let room = "plain-1";
    let ann = machines.member(0, &Visit::new(room, "ann")).await;
    let mut bob = machines.member(1, &Visit::new(room, "bob")).await;
    until("both are known", async || machines.nodes.iter().all(|node| node.names(room) == ["ann", "bob"]))
        .await;
    machines.proxies[0].refuse(true);
    machines.nodes[0].status(EngineStatus::Down).await;
    drop(ann);
    until("the room is left", async || machines.nodes[0].rooms.names().is_empty()).await;
    let _cleo = machines.member(0, &Visit::new(room, "cleo")).await;
    machines.proxies[0].refuse(false);
    machines.nodes[0].status(EngineStatus::Up).await;
    // What is published now comes behind all that waited.
    machines.publish(0, room, [1]).await;
    bob.numbers(1).await;
    for node in &machines.nodes {
        until("both are known", async || node.names(room) == ["bob", "cleo"]).await;
    }
    let here = machines.nodes[1].rooms.room(room);
    assert_eq!(here.fetch_members().await.unwrap().len(), 2);
    assert_eq!(machines.nodes[1].names(room), ["bob", "cleo"]);
}
