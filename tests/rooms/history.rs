//! Histories: the messages that a room remembers, and for how long.

use std::{sync::Arc, time::Duration};

use ignitia::{
    prelude::*,
    rooms::{Position, ResumeOutcome, RoomConfig},
    websocket::WebSocketConfig,
};
use tokio::time::advance;

use super::{
    Connector, Tell,
    resume::{all, at, come_back, epoch, keep, numbers, remembering},
};

#[tokio::test]
async fn every_message_carries_its_position() {
    let mut connector = Connector::new();
    let rooms = remembering(all());
    let (mut socket, ws) = connector.open().await;
    let membership = rooms.join("room", &ws).unwrap();
    let start = membership.position().unwrap();
    let epoch = epoch(start);
    assert_eq!(start, at(&epoch, 0));
    for n in 1..=3 {
        membership.broadcast(&Tell::number(n)).unwrap();
        assert_eq!(membership.position(), Some(at(&epoch, n as u64)));
    }
    // This message is not in the history.
    membership.send_to(membership.id().unwrap(), &Tell::number(4)).unwrap();
    assert_eq!(membership.position(), Some(at(&epoch, 3)));
    for n in 1..=3 {
        let expected = format!(r#"{{"type":"number","from":0,"n":{n},"$at":"{epoch}.{n}"}}"#);
        assert_eq!(socket.recv_text().await, expected);
    }
    assert_eq!(socket.recv_text().await, r#"{"type":"number","from":0,"n":4}"#);
}

#[tokio::test]
async fn a_history_is_limited_by_bytes() {
    let mut connector = Connector::new();
    let rooms = remembering(all().bytes(10_000));
    let (_keeper, keeper) = keep(&mut connector, &rooms).await;
    let epoch = epoch(keeper.position().unwrap());
    for n in 1..=20 {
        keeper.broadcast(&Tell::padded(n, 1_000)).unwrap();
    }
    // A message has a little over 1,000 bytes: nine are below the limit.
    let (resumed, seen, ..) = come_back(&mut connector, &rooms, Some(at(&epoch, 11))).await;
    assert_eq!((resumed, numbers(&seen)), (ResumeOutcome::Recovered(9), (12..=20).collect()));
    let (resumed, ..) = come_back(&mut connector, &rooms, Some(at(&epoch, 10))).await;
    assert_eq!(resumed, ResumeOutcome::Lost(keeper.position()));
    // A message that alone is above the limit is not remembered, nor is any before it.
    keeper.broadcast(&Tell::padded(21, 10_000)).unwrap();
    let (resumed, ..) = come_back(&mut connector, &rooms, Some(at(&epoch, 20))).await;
    assert_eq!(resumed, ResumeOutcome::Lost(Some(at(&epoch, 21))));
    let (resumed, ..) = come_back(&mut connector, &rooms, Some(at(&epoch, 21))).await;
    assert_eq!(resumed, ResumeOutcome::Recovered(0));
}

#[tokio::test(start_paused = true)]
async fn a_history_is_limited_by_age() {
    let mut connector = Connector::with(WebSocketConfig::default().keepalive_interval(None), |client| client);
    let rooms = remembering(all().age(Duration::from_secs(60)));
    let (_keeper, keeper) = keep(&mut connector, &rooms).await;
    let epoch = epoch(keeper.position().unwrap());
    for n in 1..=3 {
        keeper.broadcast(&Tell::number(n)).unwrap();
        advance(Duration::from_secs(20)).await;
    }
    // They are 60, 40 and 20 seconds old.
    let (resumed, ..) = come_back(&mut connector, &rooms, Some(at(&epoch, 0))).await;
    assert_eq!(resumed, ResumeOutcome::Lost(keeper.position()));
    let (resumed, seen, ..) = come_back(&mut connector, &rooms, Some(at(&epoch, 1))).await;
    assert_eq!((resumed, numbers(&seen)), (ResumeOutcome::Recovered(2), vec![2, 3]));
    advance(Duration::from_secs(3600)).await;
    let (resumed, ..) = come_back(&mut connector, &rooms, Some(at(&epoch, 2))).await;
    assert_eq!(resumed, ResumeOutcome::Lost(keeper.position()));
    let (resumed, ..) = come_back(&mut connector, &rooms, Some(at(&epoch, 3))).await;
    assert_eq!(resumed, ResumeOutcome::Recovered(0), "nothing was missed");
}

/// An empty room is kept as long as its history is.
#[tokio::test(start_paused = true)]
async fn an_empty_room_is_kept_for_members_that_come_back() {
    let mut connector = Connector::new();
    let rooms = remembering(all().age(Duration::from_secs(60)));
    let (_keeper, keeper) = keep(&mut connector, &rooms).await;
    keeper.broadcast(&Tell::number(1)).unwrap();
    let start = at(&epoch(keeper.position().unwrap()), 0);
    drop(keeper);
    assert_eq!((rooms.len(), rooms.room("room").len()), (1, 0));
    advance(Duration::from_secs(59)).await;
    let (resumed, seen, _socket, back) = come_back(&mut connector, &rooms, Some(start)).await;
    assert_eq!((resumed, numbers(&seen)), (ResumeOutcome::Recovered(1), vec![1]));
    drop(back);
    advance(Duration::from_secs(60)).await;
    let (resumed, _, _socket, back) = come_back(&mut connector, &rooms, Some(start)).await;
    assert!(matches!(resumed, ResumeOutcome::Lost(Some(position)) if position != start), "{resumed:?}");
    drop(back);
    assert!(rooms.is_empty(), "it has no members and nothing to remember");
}

/// A member that was cut off in a quiet room has missed nothing, however old the last message is.
#[tokio::test(start_paused = true)]
async fn the_age_of_an_empty_room_counts_from_its_last_member() {
    let mut connector = Connector::with(WebSocketConfig::default().keepalive_interval(None), |client| client);
    let rooms = remembering(all().age(Duration::from_secs(60)));
    let (_socket, ws) = connector.open().await;
    let mut membership = rooms.join("room", &ws).unwrap();
    membership.broadcast(&Tell::number(1)).unwrap();
    let seen = membership.position();
    advance(Duration::from_secs(600)).await;
    membership.leave();
    advance(Duration::from_secs(59)).await;
    drop(rooms.join("elsewhere", &ws).unwrap());
    let (resumed, _, _socket, back) = come_back(&mut connector, &rooms, seen).await;
    assert_eq!(resumed, ResumeOutcome::Recovered(0));
    drop(back);
    advance(Duration::from_secs(60)).await;
    drop(rooms.join("elsewhere", &ws).unwrap());
    assert_eq!(rooms.names(), [] as [Arc<str>; 0]);
}

/// The room is empty when it is sent to, as when `on_close` of the last member says goodbye.
#[tokio::test(start_paused = true)]
async fn a_broadcast_to_an_empty_room_does_not_keep_it_longer() {
    const AGE: Duration = Duration::from_secs(60);
    let mut connector = Connector::with(WebSocketConfig::default().keepalive_interval(None), |client| client);
    let rooms = remembering(all().age(AGE));
    let (_socket, ws) = connector.open().await;
    // The members have left, and a second later a message is sent.
    let mut membership = rooms.join("left", &ws).unwrap();
    membership.broadcast(&Tell::number(1)).unwrap();
    membership.leave();
    advance(Duration::from_secs(1)).await;
    membership.broadcast(&Tell::number(2)).unwrap();
    // No connection was ever in this room.
    rooms.room("never entered").broadcast(&Tell::number(1)).unwrap();
    assert_eq!(rooms.len(), 2);
    for _ in 0..3 {
        // At the first check the second message is not old enough.
        advance(AGE - Duration::from_millis(500)).await;
        // Joins and leaves in other rooms clear old rooms away.
        drop(rooms.join("elsewhere", &ws).unwrap());
    }
    assert_eq!(rooms.names(), [] as [Arc<str>; 0]);
}

/// A room that empties often does not count as many empty rooms.
#[tokio::test]
async fn joining_and_leaving_often_forgets_nothing() {
    let mut connector = Connector::new();
    let rooms = remembering(all());
    let (_socket, ws) = connector.open().await;
    let membership = rooms.join("room", &ws).unwrap();
    let start = membership.position();
    membership.broadcast(&Tell::number(1)).unwrap();
    drop(membership);
    for _ in 0..10_010 {
        drop(rooms.join("room", &ws).unwrap());
    }
    let (resumed, seen, ..) = come_back(&mut connector, &rooms, start).await;
    assert_eq!((resumed, numbers(&seen)), (ResumeOutcome::Recovered(1), vec![1]));
}

/// A room that is kept for long does not keep others.
#[tokio::test(start_paused = true)]
async fn rooms_of_different_ages_expire_each_in_its_time() {
    let mut connector = Connector::with(WebSocketConfig::default().keepalive_interval(None), |client| client);
    let rooms = Rooms::<Tell>::with_config_by_name(|name| {
        let age = Duration::from_secs(if name == "long" { 3600 } else { 10 });
        RoomConfig::default().history(all().age(age))
    });
    let (_socket, ws) = connector.open().await;
    for name in ["long", "short"] {
        rooms.join(name, &ws).unwrap().broadcast(&Tell::number(1)).unwrap();
    }
    assert_eq!(rooms.len(), 2);
    advance(Duration::from_secs(11)).await;
    drop(rooms.join("elsewhere", &ws).unwrap());
    assert_eq!(rooms.names(), ["long".into()] as [Arc<str>; 1]);
}

/// `Duration::MAX` means that age does not matter.
#[tokio::test]
async fn a_history_may_have_no_age_limit() {
    let mut connector = Connector::new();
    let rooms = remembering(all().age(Duration::MAX));
    let (_socket, ws) = connector.open().await;
    let membership = rooms.join("room", &ws).unwrap();
    let start = membership.position();
    membership.broadcast(&Tell::number(1)).unwrap();
    drop(membership);
    let (resumed, seen, ..) = come_back(&mut connector, &rooms, start).await;
    assert_eq!((resumed, numbers(&seen)), (ResumeOutcome::Recovered(1), vec![1]));
}

#[test]
fn malformed_positions_are_refused() {
    for text in ["", ".", "1", "1.", ".1", "x.1", "1.x", "1.-1", "-1.1", " 1.1", "1.1 ", "1.1.1", "1,1"] {
        assert!(text.parse::<Position>().is_err(), "{text:?}");
    }
    let text = "fedcba9876543210.18446744073709551615";
    assert_eq!(text.parse::<Position>().unwrap().to_string(), text);
}

/// Raw messages are JSON objects, or they are refused: members of a room with a history are sent no
/// other text.
#[tokio::test]
async fn raw_messages_of_a_room_with_a_history_stay_json() {
    let mut connector = Connector::new();
    let config = RoomConfig::default().history(all());
    let rooms = Rooms::<Message>::with_config(config);
    let (mut socket, ws) = connector.open().await;
    let membership = rooms.join("room", &ws).unwrap();
    for refused in ["", "text", "[1]", "1", "\"{}\""] {
        let error = membership.broadcast(&Message::from(refused)).unwrap_err();
        assert!(error.is_invalid_input(), "{refused:?}: {error}");
    }
    let error = membership.broadcast(&Message::Binary("{}".into())).unwrap_err();
    assert!(error.is_invalid_input());
    for text in ["{}", r#"{"a":1}"#, "{ }", "{\n}", "{ \"a\": 1 }"] {
        let before = membership.position();
        if membership.broadcast(&Message::from(text)).is_err() {
            assert_eq!(membership.position(), before);
            continue;
        }
        let came = socket.recv_text().await;
        let value: serde_json::Value =
            serde_json::from_str(&came).unwrap_or_else(|error| panic!("{error}: {text:?} became {came:?}"));
        assert_eq!(value["$at"], membership.position().unwrap().to_string());
    }
}

/// A program that relays texts of its peers does not let them change the positions of others.
#[tokio::test]
async fn a_message_cannot_set_its_own_position() {
    let mut connector = Connector::new();
    let rooms = Rooms::<Message>::with_config(RoomConfig::default().history(all()));
    let (mut socket, ws) = connector.open().await;
    let membership = rooms.join("room", &ws).unwrap();
    for text in [r#"{"$at":"1.99"}"#, r#"{"type":"said","$at":"1.99"}"#] {
        if membership.broadcast(&Message::from(text)).is_err() {
            continue;
        }
        let seen: serde_json::Value = socket.recv_json().await;
        assert_eq!(seen["$at"], membership.position().unwrap().to_string());
    }
}
