//! Messages on their way over the engine.

use super::{Nodes, fake_engine::published, texts};
use crate::{
    close::CloseFrame,
    engine::{FeedEvent, Item, Missed, Place},
    message::Message,
    rooms::{History, Overflow, RoomConfig, RoomEvent},
};

fn text(text: &str) -> Message {
    Message::from(text)
}

#[tokio::test]
async fn a_message_reaches_the_members_of_all_nodes_once_it_comes_back() {
    let mut nodes = Nodes::new(2, RoomConfig::default);
    let (mut ann_socket, ann_ws) = nodes.open().await;
    let (mut bob_socket, bob_ws) = nodes.open().await;
    let ann = nodes.rooms[0].join_as("room", &ann_ws, "ann".into()).unwrap();
    let bob = nodes.rooms[1].join_as("room", &bob_ws, "bob".into()).unwrap();
    nodes.engine.run();
    let sent = ann.broadcast(&text("1")).unwrap();
    assert!(sent.handed_on);
    assert_eq!((sent.queued, sent.lagging, sent.closed), (0, 0, 0));
    assert_eq!(texts(&mut ann_socket, &ann_ws).await, [""; 0], "it has no place yet");
    ann.broadcast_to_others(&text("2")).unwrap();
    bob.send_to(ann.id().unwrap(), &text("3")).unwrap();
    nodes.engine.run();
    assert_eq!(texts(&mut ann_socket, &ann_ws).await, ["1", "3"]);
    assert_eq!(texts(&mut bob_socket, &bob_ws).await, ["1", "2"]);
}

#[tokio::test]
async fn nothing_is_sent_while_the_engine_is_away() {
    let mut nodes = Nodes::new(1, RoomConfig::default);
    let (mut socket, ws) = nodes.open().await;
    let room = nodes.rooms[0].join_as("room", &ws, String::new()).unwrap();
    nodes.engine.run();
    nodes.engine.set_away(true);
    assert!(room.broadcast(&text("1")).unwrap_err().is_unavailable());
    assert!(room.publish(&text("2")).await.unwrap_err().is_unavailable());
    assert!(nodes.rooms[0].send_to_key(1, &text("3")).unwrap_err().is_unavailable());
    assert!(nodes.rooms[0].broadcast_to(["room", "other"], &text("4")).unwrap_err().is_unavailable());
    assert!(room.fetch_members().await.unwrap_err().is_unavailable());
    nodes.engine.set_away(false);
    assert_eq!(room.publish(&text("5")).await.unwrap(), None, "there is no history");
    nodes.engine.run();
    assert_eq!(texts(&mut socket, &ws).await, ["5"]);
}

#[tokio::test]
async fn a_room_with_history_tells_positions_and_asks_for_old_messages() {
    let mut nodes = Nodes::new(2, || RoomConfig::default().history(History::default()));
    let (mut socket, ws) = nodes.open().await;
    let room = nodes.rooms[0].join_as("room", &ws, String::new()).unwrap();
    assert_eq!(room.position(), None, "the engine has not told it");
    nodes.engine.run();
    let first = room.publish(&text(r#"{"n":1}"#)).await.unwrap().unwrap();
    room.broadcast(&text(r#"{"n":2}"#)).unwrap();
    room.broadcast_transient(&text("typing")).unwrap();
    nodes.engine.run();
    let second = room.position().unwrap();
    assert_ne!(first, second);
    let expected = [format!(r#"{{"n":1,"$at":"{first}"}}"#), format!(r#"{{"n":2,"$at":"{second}"}}"#)];
    assert_eq!(texts(&mut socket, &ws).await, [&*expected[0], &*expected[1], "typing"]);
    // The other node has no member in the room.
    let other = nodes.rooms[1].room("room");
    assert_eq!((other.history(None, 9), other.position()), (vec![], None));
    let asked = other.fetch_history(None, 9).await.unwrap();
    assert_eq!(asked.iter().map(|one| one.text()).collect::<Vec<_>>(), expected);
    assert_eq!(asked, room.history(None, 9));
    assert_eq!(other.fetch_history(Some(second), 9).await.unwrap(), asked[..1]);
}

#[tokio::test]
async fn a_connection_in_several_of_the_rooms_gets_a_message_once() {
    let mut nodes = Nodes::new(2, RoomConfig::default);
    let (mut both_socket, both_ws) = nodes.open().await;
    let (mut one_socket, one_ws) = nodes.open().await;
    let seats = [
        nodes.rooms[0].join_as("a", &both_ws, String::new()).unwrap(),
        nodes.rooms[0].join_as("b", &both_ws, String::new()).unwrap(),
        nodes.rooms[1].join_as("b", &one_ws, String::new()).unwrap(),
    ];
    nodes.engine.run();
    nodes.rooms[1].broadcast_to(["b", "a", "c"], &text("1")).unwrap();
    nodes.engine.run();
    nodes.rooms[1].broadcast_to(["b"], &text("2")).unwrap();
    nodes.engine.run();
    assert_eq!(texts(&mut one_socket, &one_ws).await, ["1", "2"]);
    assert_eq!(texts(&mut both_socket, &both_ws).await, ["1", "2"]);
    drop(seats);
}

#[tokio::test]
async fn a_user_is_reached_and_closed_on_every_node() {
    let mut nodes = Nodes::new(2, RoomConfig::default);
    let (mut first_socket, first_ws) = nodes.open().await;
    let (mut second_socket, second_ws) = nodes.open().await;
    let (mut other_socket, other_ws) = nodes.open().await;
    let seats = [
        nodes.rooms[0].join_keyed("a", &first_ws, "user", String::new()).unwrap(),
        nodes.rooms[0].join_keyed("b", &first_ws, "user", String::new()).unwrap(),
        nodes.rooms[1].join_keyed("b", &second_ws, "user", String::new()).unwrap(),
        nodes.rooms[1].join_keyed("b", &other_ws, "other", String::new()).unwrap(),
    ];
    nodes.engine.run();
    assert!(nodes.rooms[0].send_to_key("user", &text("1")).unwrap().handed_on);
    nodes.engine.run();
    assert_eq!(texts(&mut first_socket, &first_ws).await, ["1"]);
    assert_eq!(texts(&mut second_socket, &second_ws).await, ["1"]);
    let frame = CloseFrame { code: 4000, reason: "out".into() };
    assert_eq!(nodes.rooms[1].close_key("user", &frame).unwrap(), 0);
    nodes.engine.run();
    assert_eq!(first_socket.expect_close(4000).await.reason, "out");
    second_socket.expect_close(4000).await;
    assert_eq!(texts(&mut other_socket, &other_ws).await, [""; 0]);
    // A single member of another node.
    nodes.rooms[0].room("b").close(seats[3].id().unwrap(), frame).unwrap();
    nodes.engine.run();
    other_socket.expect_close(4000).await;
}

#[tokio::test]
async fn messages_that_the_engine_has_lost_are_told() {
    let mut nodes =
        Nodes::new(1, || RoomConfig::default().history(History::default()).overflow(Overflow::DropOldest));
    let (mut socket, ws) = nodes.open().await;
    let room = nodes.rooms[0].join_as("room", &ws, String::new()).unwrap();
    let mut watch = room.watch();
    nodes.engine.run();
    let tell = |event| nodes.engine.tell(1, "room", event);
    let place = |epoch, offset| Place { epoch, offset, tag: 9 };
    let message = |at, text| FeedEvent::Item {
        place: Some(at),
        item: Item::Message { is_remembered: true, message: published(text) },
    };
    tell(message(place(7, 1), r#"{"n":1}"#));
    tell(FeedEvent::Restarted { at: place(7, 4), missed: Missed::Messages(3) });
    tell(message(place(7, 5), r#"{"n":5}"#));
    // Nobody is told of what was only for the moment.
    tell(FeedEvent::MissedUnremembered(2));
    tell(FeedEvent::Restarted { at: place(8, 20), missed: Missed::Unknown });
    let told = [
        r#"{"n":1,"$at":"700000009.1"}"#,
        r#"{"missed":3,"room":"room","type":"$lagged"}"#,
        r#"{"n":5,"$at":"700000009.5"}"#,
        r#"{"missed":null,"room":"room","type":"$lagged"}"#,
    ];
    assert_eq!(texts(&mut socket, &ws).await, told);
    for expected in [Some(3), None] {
        let event = watch.recv().await;
        assert!(matches!(event, Some(RoomEvent::MessagesMissed(missed)) if missed == expected), "{event:?}");
    }
    assert_eq!(room.position().unwrap().to_string(), "800000009.20");
    assert_eq!(room.history(None, 9), [], "nothing before it counts any more");
}

#[tokio::test]
async fn members_of_a_room_that_closes_slow_ones_are_closed() {
    let mut nodes = Nodes::new(1, RoomConfig::default);
    let (mut socket, ws) = nodes.open().await;
    let room = nodes.rooms[0].join_as("room", &ws, String::new()).unwrap();
    nodes.engine.run();
    nodes.engine.tell(1, "room", FeedEvent::MissedUnremembered(1));
    assert_eq!(socket.expect_close(1013).await.reason, "lagged");
    assert_eq!(room.len(), 0);
}

/// Another node may have a newer program, with other keys or none.
#[tokio::test]
async fn only_the_newest_of_each_key_waits_for_a_slow_member() {
    let by_first = Overflow::coalesce(|message: &Message| message.as_text().map(|text| text.as_bytes()[0]));
    let config = RoomConfig::default().overflow(by_first);
    let nodes = Nodes::new(2, move || config.clone());
    let room = nodes.rooms[0].room("room");
    for name in ["a1", "b1", "a2"] {
        room.broadcast(&text(name)).unwrap();
    }
    let keys = nodes.engine.coalesce_keys("room");
    assert_eq!(keys[0], keys[2]);
    assert_ne!(keys[0], keys[1]);
    nodes.rooms[1].room("room").broadcast(&text("a3")).unwrap();
    assert_eq!(nodes.engine.coalesce_keys("room")[3], keys[0], "all nodes agree");
}
