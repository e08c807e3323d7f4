//! One seat for each key, over all nodes.

use super::{Nodes, texts};
use crate::{
    WebSocketConnection,
    close::CloseFrame,
    engine::{FeedEvent, Item, StoredMember},
    message::Message,
    rooms::{Membership, RoomConfig, RoomWatch, Seats},
    testing::TestSocket,
};

fn replacing() -> RoomConfig<Message> {
    RoomConfig::default().seats(Seats::Replace(CloseFrame { code: 4001, reason: "elsewhere".into() }))
}

fn refusing() -> RoomConfig<Message> {
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

/// Two members with one key, of which neither node knows the other's.
struct TwoNodes {
    nodes: Nodes,
    old_socket: TestSocket,
    new_socket: TestSocket,
    new_ws: WebSocketConnection,
    new: Membership<Message, String>,
    /// Members of both nodes, as the engine keeps them.
    own: Vec<StoredMember>,
    theirs: Vec<StoredMember>,
    _old: Membership<Message, String>,
    _watch: RoomWatch<String>,
}

impl TwoNodes {
    /// Lets both join. The engine has put the first join in order if `is_ordered`.
    async fn new(config: fn() -> RoomConfig<Message>, is_ordered: bool) -> Self {
        let mut nodes = Nodes::new(2, config);
        let (old_socket, old_ws) = nodes.open().await;
        let (new_socket, new_ws) = nodes.open().await;
        let _watch = nodes.rooms[0].room("room").watch();
        nodes.engine.run();
        let _old = nodes.rooms[0].join_keyed("room", &old_ws, 1, "old".into()).unwrap();
        if is_ordered {
            nodes.engine.run();
        }
        let own = nodes.engine.local_members(1, "room");
        let new = nodes.rooms[1].join_keyed("room", &new_ws, 1, "new".into()).unwrap();
        let theirs = nodes.engine.local_members(2, "room");
        Self { nodes, old_socket, new_socket, new_ws, new, own, theirs, _old, _watch }
    }

    /// Tells the first node something.
    fn tell(&self, event: FeedEvent) {
        self.nodes.engine.tell(1, "room", event);
    }

    /// Tells the first node the members of a node.
    fn tell_members(&self, node: u32, members: &[StoredMember]) {
        self.tell(FeedEvent::Item {
            place: None,
            item: Item::NodeMembers { node, members: members.to_vec() },
        });
    }

    /// Expects that only the member on the second node stays.
    async fn expect_newcomer(mut self, code: u16) {
        self.old_socket.expect_close(code).await;
        assert_eq!((self.new.len(), texts(&mut self.new_socket, &self.new_ws).await), (1, vec![]));
    }
}

/// The node was taken for dead. When it comes back, it is told who is there, and tells of its own
/// member.
#[tokio::test]
async fn a_node_that_comes_back_has_lost_the_seats_that_others_have_taken() {
    for (config, code) in [(replacing as fn() -> _, 4001), (refusing, 1008)] {
        let two = TwoNodes::new(config, true).await;
        two.tell(FeedEvent::Members(two.theirs.clone()));
        two.tell_members(1, &two.own);
        two.expect_newcomer(code).await;
    }
}

/// Its connection has held, and it hears everything that has happened meanwhile.
#[tokio::test]
async fn a_node_that_was_frozen_has_lost_the_seats_that_others_have_taken() {
    for (config, code) in [(replacing as fn() -> _, 4001), (refusing, 1008)] {
        let two = TwoNodes::new(config, true).await;
        two.tell_members(1, &[]);
        two.tell(FeedEvent::Item { place: None, item: Item::Joined(two.theirs[0].clone()) });
        two.tell_members(1, &two.own);
        two.expect_newcomer(code).await;
    }
}

#[tokio::test]
async fn of_two_joins_that_a_node_has_missed_its_own_gives_way() {
    for (config, code) in [(replacing as fn() -> _, 4001), (refusing, 1008)] {
        for is_own_first in [true, false] {
            let two = TwoNodes::new(config, false).await;
            let mut members = [two.own.clone(), two.theirs.clone()];
            if !is_own_first {
                members.reverse();
            }
            two.tell(FeedEvent::Members(members.concat()));
            two.expect_newcomer(code).await;
        }
    }
}
