//! Members on other nodes.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::Nodes;
use crate::{
    engine::{FeedEvent, Item, StoredMember},
    message::Message,
    rooms::{Member, RoomConfig, RoomEvent, RoomWatch, Rooms, RoomsEvent},
};

fn names(members: &[Member<String>]) -> Vec<&str> {
    members.iter().map(|member| &**member.presence).collect()
}

/// Returns the events so far, in short.
async fn events(watch: &mut RoomWatch<String>, count: usize) -> Vec<String> {
    let mut events = Vec::new();
    for _ in 0..count {
        events.push(match watch.recv().await.unwrap() {
            RoomEvent::Joined(member) => format!("+{}", member.presence),
            RoomEvent::Left(member) => format!("-{}", member.presence),
            RoomEvent::Changed(member) => format!("={}", member.presence),
            other => panic!("{other:?}"),
        });
    }
    events
}

#[tokio::test]
async fn every_node_knows_the_members_of_all() {
    let mut nodes = Nodes::new(2, RoomConfig::default);
    let (_ann_socket, ann_ws) = nodes.open().await;
    let (_bob_socket, bob_ws) = nodes.open().await;
    let ann = nodes.rooms[0].join_as("room", &ann_ws, "ann".into()).unwrap();
    let mut watch = ann.watch();
    let mut all = nodes.rooms[0].watch_all();
    assert_eq!((names(watch.members()), names(&all.rooms()[0].1)), (vec!["ann"], vec!["ann"]));
    let bob = nodes.rooms[1].join_keyed("room", &bob_ws, "b", "bob".into()).unwrap();
    nodes.engine.run();
    for room in [&*ann, &*bob] {
        let members = room.members();
        assert_eq!(names(&members), ["ann", "bob"]);
        assert_eq!(members[1].key.as_ref().map(|key| key.as_str()), Some("b"));
        assert_eq!(members[1].connection, bob_ws.id());
        assert_eq!((room.len(), room.present().len()), (2, 2));
    }
    let stranger = nodes.rooms[0].room("elsewhere");
    assert_eq!(stranger.fetch_members().await.unwrap().len(), 0);
    bob.set_presence("bobby".into());
    nodes.engine.run();
    drop(bob);
    nodes.engine.run();
    assert_eq!(events(&mut watch, 3).await, ["+bob", "=bobby", "-bobby"]);
    let Some(RoomsEvent::In(name, RoomEvent::Joined(member))) = all.recv().await else { panic!() };
    assert_eq!((&*name, &**member.presence), ("room", "bob"));
    assert_eq!((ann.len(), nodes.rooms[1].len()), (1, 0));
    assert_eq!(names(&nodes.rooms[1].room("room").fetch_members().await.unwrap()), ["ann"]);
    let bob = nodes.rooms[1].join_as("room", &bob_ws, "bob".into()).unwrap();
    nodes.engine.run();
    drop((ann, watch));
    // The members of other nodes are out of sight with the last one here.
    let mut rest = Vec::new();
    while rest.last().is_none_or(|last| last != "-bob" && last != "-ann") || rest.len() < 5 {
        match all.recv().await.unwrap() {
            RoomsEvent::In(_, RoomEvent::Joined(member)) => rest.push(format!("+{}", member.presence)),
            RoomsEvent::In(_, RoomEvent::Left(member)) => rest.push(format!("-{}", member.presence)),
            RoomsEvent::In(_, RoomEvent::Changed(member)) => rest.push(format!("={}", member.presence)),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(rest, ["=bobby", "-bobby", "+bob", "-ann", "-bob"]);
    drop(bob);
    assert_eq!((nodes.rooms[0].len(), nodes.engine.feeds()), (0, 2), "only the feeds of all rooms");
    drop((all, stranger, nodes.rooms));
    assert_eq!(nodes.engine.feeds(), 0);
}

#[tokio::test]
async fn a_number_tells_the_node_and_is_read_exactly_by_javascript() {
    let mut nodes = Nodes::new(2, RoomConfig::default);
    let (_socket, ws) = nodes.open().await;
    let seats = [
        nodes.rooms[1].join_as("room", &ws, String::new()).unwrap(),
        nodes.rooms[1].join_as("room", &ws, String::new()).unwrap(),
    ];
    let [first, second] = seats.each_ref().map(|seat| seat.id().unwrap().get());
    assert_eq!((first >> 33, second), (2, first + 1));
    assert!(first < 1 << 53);
}

/// The engine may tell a thing twice, or tell of a member that has left.
#[tokio::test]
async fn lists_and_single_changes_agree() {
    let nodes = Nodes::new(1, RoomConfig::default);
    let mut watch = nodes.rooms[0].room("room").watch();
    nodes.engine.run();
    let member = |id: u64, name: &str| StoredMember {
        id: 2 << 33 | id,
        encoded: Bytes::from(format!(r#"{{"c":{id},"p":"{name}"}}"#)),
    };
    let other = StoredMember { id: 3 << 33, ..member(9, "zoe") };
    let tell = |event| nodes.engine.tell(1, "room", event);
    let item = |item| FeedEvent::Item { place: None, item };
    tell(item(Item::Joined(member(1, "ann"))));
    tell(item(Item::Joined(member(1, "ann"))));
    tell(item(Item::Left { member: 5 }));
    tell(item(Item::Joined(other.clone())));
    tell(item(Item::Changed(member(2, "bob"))));
    assert_eq!(events(&mut watch, 3).await, ["+ann", "+zoe", "+bob"]);
    tell(FeedEvent::Members(vec![other.clone(), member(2, "bobby"), member(3, "cleo")]));
    assert_eq!(events(&mut watch, 3).await, ["-ann", "=bobby", "+cleo"]);
    tell(item(Item::NodeMembers { node: 2, members: vec![member(3, "cleo"), member(4, "dan")] }));
    assert_eq!(events(&mut watch, 2).await, ["-bobby", "+dan"]);
    tell(item(Item::NodeMembers { node: 2, members: vec![] }));
    assert_eq!(events(&mut watch, 2).await, ["-cleo", "-dan"]);
    assert_eq!(names(&nodes.rooms[0].room("room").members()), ["zoe"]);
}

#[tokio::test]
async fn what_the_engine_tells_of_members_here_changes_nothing() {
    let mut nodes = Nodes::new(1, RoomConfig::default);
    let (_socket, ws) = nodes.open().await;
    let mut watch = nodes.rooms[0].room("room").watch();
    let ann = nodes.rooms[0].join_as("room", &ws, "ann".into()).unwrap();
    nodes.engine.run();
    let stored = nodes.engine.local_members(1, "room");
    assert_eq!(stored.len(), 1);
    let tell = |event| nodes.engine.tell(1, "room", event);
    tell(FeedEvent::Members(vec![]));
    tell(FeedEvent::Item { place: None, item: Item::NodeMembers { node: 1, members: stored.clone() } });
    tell(FeedEvent::Item { place: None, item: Item::Left { member: stored[0].id } });
    assert_eq!(names(&ann.members()), ["ann"]);
    drop(ann);
    tell(FeedEvent::Members(stored));
    assert_eq!(nodes.rooms[0].room("room").len(), 0, "it has left since");
    assert_eq!(events(&mut watch, 2).await, ["+ann", "-ann"]);
}

/// Presence that one version of the program cannot read, and another cannot write.
#[derive(Debug, Default)]
struct Fussy(u8);

impl Serialize for Fussy {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            0 => Err(serde::ser::Error::custom("zero")),
            other => serializer.serialize_u8(other),
        }
    }
}

impl<'de> Deserialize<'de> for Fussy {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u8::deserialize(deserializer)? {
            2 => panic!("two"),
            other => Ok(Self(other)),
        }
    }
}

#[tokio::test]
async fn a_presence_that_cannot_be_read_is_left_out() {
    let mut nodes = Nodes::new(0, RoomConfig::default);
    let (_socket, ws) = nodes.open().await;
    let [writer, reader] = [1, 2].map(|node| Rooms::<Message, Fussy>::new().on_link(nodes.engine.link(node)));
    let _watch = reader.room("room").watch();
    assert!(writer.join("room", &ws).unwrap_err().is_json());
    assert_eq!(writer.len(), 0);
    let seats = [1, 2, 3].map(|n| writer.join_as("room", &ws, Fussy(n)).unwrap());
    nodes.engine.run();
    let seen = |members: Vec<Member<Fussy>>| members.iter().map(|it| it.presence.0).collect::<Vec<_>>();
    assert_eq!(seen(reader.room("room").members()), [1, 3]);
    assert_eq!(seen(reader.room("room").fetch_members().await.unwrap()), [1, 3]);
    seats[0].set_presence(Fussy(0));
    seats[1].set_presence(Fussy(4));
    nodes.engine.run();
    assert_eq!(seen(writer.room("room").members()), [1, 4, 3]);
    assert_eq!(seen(reader.room("room").members()), [1, 4, 3]);
}

#[tokio::test]
async fn a_key_is_present_once_whatever_the_node() {
    let mut nodes = Nodes::new(2, RoomConfig::default);
    let (_ann_socket, ann_ws) = nodes.open().await;
    let (_bob_socket, bob_ws) = nodes.open().await;
    let second = nodes.rooms[1].join_keyed("room", &bob_ws, "user", "on two".into()).unwrap();
    let mut watch = second.watch_present();
    nodes.engine.run();
    let first = nodes.rooms[0].join_keyed("room", &ann_ws, "user", "on one".into()).unwrap();
    nodes.engine.run();
    for room in [&*first, &*second] {
        assert_eq!((names(&room.present()), room.len()), (vec!["on one"], 2));
    }
    drop(first);
    nodes.engine.run();
    drop(second);
    assert_eq!(events(&mut watch, 3).await, ["=on one", "=on two", "-on two"]);
}
