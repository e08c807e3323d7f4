//! One seat for each key, over all nodes.

use super::{Nodes, texts};
use crate::{
    close::CloseFrame,
    engine::{FeedEvent, Item},
    rooms::{RoomConfig, Seats},
};

fn replacing() -> RoomConfig<crate::Message> {
    RoomConfig::default().seats(Seats::Replace(CloseFrame { code: 4001, reason: "elsewhere".into() }))
}

fn refusing() -> RoomConfig<crate::Message> {
    RoomConfig::default().seats(Seats::Refuse)
}

#[tokio::test]
async fn a_newcomer_replaces_the_member_on_another_node() {
    let mut nodes = Nodes::new(2, replacing);
    let (mut old_socket, old_ws) = nodes.open().await;
    let (mut new_socket, new_ws) = nodes.open().await;
    let old = nodes.rooms[0].join_keyed("room", &old_ws, 1, "old".into()).unwrap();
    nodes.engine.run();
    let new = nodes.rooms[1].join_keyed("room", &new_ws, 1, "new".into()).unwrap();
    nodes.engine.run();
    assert_eq!(old_socket.expect_close(4001).await.reason, "elsewhere");
    assert_eq!((old.len(), new.len()), (0, 1), "nobody else keeps the room on the first node");
    assert_eq!(texts(&mut new_socket, &new_ws).await, [""; 0]);
}

/// Both have joined before either node heard of the other one.
#[tokio::test]
async fn the_later_of_two_in_the_engines_order_stays() {
    let mut nodes = Nodes::new(2, replacing);
    let (mut first_socket, first_ws) = nodes.open().await;
    let (mut second_socket, second_ws) = nodes.open().await;
    let watches = [nodes.rooms[0].room("room").watch(), nodes.rooms[1].room("room").watch()];
    nodes.engine.run();
    let first = nodes.rooms[0].join_keyed("room", &first_ws, 1, "first".into()).unwrap();
    let second = nodes.rooms[1].join_keyed("room", &second_ws, 1, "second".into()).unwrap();
    assert_eq!((first.len(), second.len()), (1, 1));
    nodes.engine.run();
    first_socket.expect_close(4001).await;
    assert_eq!(texts(&mut second_socket, &second_ws).await, [""; 0]);
    assert_eq!((first.len(), second.len()), (1, 1));
    drop(watches);
}

#[tokio::test]
async fn members_of_one_node_replace_each_other_at_once() {
    let mut nodes = Nodes::new(1, replacing);
    let (mut old_socket, old_ws) = nodes.open().await;
    let (mut new_socket, new_ws) = nodes.open().await;
    let _old = nodes.rooms[0].join_keyed("room", &old_ws, 1, "old".into()).unwrap();
    let new = nodes.rooms[0].join_keyed("room", &new_ws, 1, "new".into()).unwrap();
    old_socket.expect_close(4001).await;
    nodes.engine.run();
    assert_eq!((new.len(), texts(&mut new_socket, &new_ws).await), (1, vec![]));
}

#[tokio::test]
async fn a_seat_that_another_node_has_given_away_is_refused() {
    let mut nodes = Nodes::new(2, refusing);
    let (_old_socket, old_ws) = nodes.open().await;
    let (_new_socket, new_ws) = nodes.open().await;
    let old = nodes.rooms[0].join_keyed("room", &old_ws, 1, "old".into()).unwrap();
    let watch = nodes.rooms[1].room("room").watch();
    nodes.engine.run();
    assert!(nodes.rooms[1].join_keyed("room", &new_ws, 1, "new".into()).unwrap_err().is_taken());
    drop(old);
    nodes.engine.run();
    let new = nodes.rooms[1].join_keyed("room", &new_ws, 1, "new".into()).unwrap();
    nodes.engine.run();
    assert_eq!(new.len(), 1);
    drop(watch);
}

#[tokio::test]
async fn the_earlier_of_two_in_the_engines_order_stays() {
    let mut nodes = Nodes::new(2, refusing);
    let (mut first_socket, first_ws) = nodes.open().await;
    let (mut second_socket, second_ws) = nodes.open().await;
    let watches = [nodes.rooms[0].room("room").watch(), nodes.rooms[1].room("room").watch()];
    nodes.engine.run();
    let first = nodes.rooms[0].join_keyed("room", &first_ws, 1, "first".into()).unwrap();
    let second = nodes.rooms[1].join_keyed("room", &second_ws, 1, "second".into()).unwrap();
    // The node of the later one hears both before the other one hears anything.
    nodes.engine.run_node(2);
    assert_eq!(second_socket.expect_close(1008).await.reason, "taken");
    assert_eq!(nodes.rooms[1].room("room").len(), 1);
    nodes.engine.run();
    assert_eq!((first.len(), second.len()), (1, 1));
    assert_eq!(texts(&mut first_socket, &first_ws).await, [""; 0]);
    drop(watches);
}

/// The node was taken for dead. When it comes back, it is told who is there, and tells of its own
/// member.
#[tokio::test]
async fn a_node_that_comes_back_has_lost_the_seats_that_others_have_taken() {
    for (config, code) in [(replacing as fn() -> _, 4001), (refusing, 1008)] {
        let mut nodes = Nodes::new(2, config);
        let (mut old_socket, old_ws) = nodes.open().await;
        let (mut new_socket, new_ws) = nodes.open().await;
        let watch = nodes.rooms[0].room("room").watch();
        let _old = nodes.rooms[0].join_keyed("room", &old_ws, 1, "old".into()).unwrap();
        nodes.engine.run();
        let own = nodes.engine.local_members(1, "room");
        // To the other node, the first one is dead: it has not heard of its member.
        let new = nodes.rooms[1].join_keyed("room", &new_ws, 1, "new".into()).unwrap();
        let theirs = nodes.engine.local_members(2, "room");
        let tell = |event| nodes.engine.tell(1, "room", event);
        tell(FeedEvent::Members(theirs));
        tell(FeedEvent::Item { place: None, item: Item::NodeMembers { node: 1, members: own } });
        old_socket.expect_close(code).await;
        assert_eq!((new.len(), texts(&mut new_socket, &new_ws).await), (1, vec![]));
        drop(watch);
    }
}
