//! What a room remembers, and for how long.

use std::{sync::Arc, time::Duration};

use ignitia::{
    prelude::*,
    rooms::{History, Position, Resumed, RoomConfig},
    websocket::WebSocketConfig,
};
use tokio::time::advance;

use super::{
    House, Tell,
    resume::{all, at, come_back, epoch, keep, numbers, remembering},
};

#[tokio::test]
async fn every_message_says_where_it_stands() {
    let mut house = House::new();
    let rooms = remembering(all());
    let (mut socket, ws) = house.guest().await;
    let membership = rooms.join("room", &ws).unwrap();
    let start = membership.position().unwrap();
    let epoch = epoch(start);
    assert_eq!(start, at(&epoch, 0));
    for n in 1..=3 {
        membership.broadcast(&Tell::number(n)).unwrap();
        assert_eq!(membership.position(), Some(at(&epoch, n as u64)));
    }
    // Outside of the history.
    membership.send_to(membership.id().unwrap(), &Tell::number(4)).unwrap();
    assert_eq!(membership.position(), Some(at(&epoch, 3)));
    for n in 1..=3 {
        let expected = format!(r#"{{"type":"number","from":0,"n":{n},"$at":"{epoch}.{n}"}}"#);
        assert_eq!(socket.recv_text().await, expected);
    }
    assert_eq!(socket.recv_text().await, r#"{"type":"number","from":0,"n":4}"#);
}

#[tokio::test]
async fn limits_by_bytes() {
    let mut house = House::new();
    let rooms = remembering(History { bytes: 10_000, ..all() });
    let (_keeper, keeper) = keep(&mut house, &rooms).await;
    let epoch = epoch(keeper.position().unwrap());
    for n in 1..=20 {
        keeper.broadcast(&Tell::padded(n, 1_000)).unwrap();
    }
    // A message is a little over 1,000 bytes: nine are under the limit.
    let (resumed, seen, ..) = come_back(&mut house, &rooms, Some(at(&epoch, 11))).await;
    assert_eq!((resumed, numbers(&seen)), (Resumed::Recovered(9), (12..=20).collect()));
    let (resumed, ..) = come_back(&mut house, &rooms, Some(at(&epoch, 10))).await;
    assert_eq!(resumed, Resumed::Lost(keeper.position()));
    // One that is over the limit alone is not remembered, nor is anything before it.
    keeper.broadcast(&Tell::padded(21, 10_000)).unwrap();
    let (resumed, ..) = come_back(&mut house, &rooms, Some(at(&epoch, 20))).await;
    assert_eq!(resumed, Resumed::Lost(Some(at(&epoch, 21))));
    let (resumed, ..) = come_back(&mut house, &rooms, Some(at(&epoch, 21))).await;
    assert_eq!(resumed, Resumed::Recovered(0));
}

#[tokio::test(start_paused = true)]
async fn limits_by_age() {
    let mut house =
        House::with(WebSocketConfig { keepalive_interval: None, ..Default::default() }, |client| client);
    let rooms = remembering(History { age: Duration::from_secs(60), ..all() });
    let (_keeper, keeper) = keep(&mut house, &rooms).await;
    let epoch = epoch(keeper.position().unwrap());
    for n in 1..=3 {
        keeper.broadcast(&Tell::number(n)).unwrap();
        advance(Duration::from_secs(20)).await;
    }
    // 60, 40 and 20 seconds old.
    let (resumed, ..) = come_back(&mut house, &rooms, Some(at(&epoch, 0))).await;
    assert_eq!(resumed, Resumed::Lost(keeper.position()));
    let (resumed, seen, ..) = come_back(&mut house, &rooms, Some(at(&epoch, 1))).await;
    assert_eq!((resumed, numbers(&seen)), (Resumed::Recovered(2), vec![2, 3]));
    advance(Duration::from_secs(3600)).await;
    let (resumed, ..) = come_back(&mut house, &rooms, Some(at(&epoch, 2))).await;
    assert_eq!(resumed, Resumed::Lost(keeper.position()));
    let (resumed, ..) = come_back(&mut house, &rooms, Some(at(&epoch, 3))).await;
    assert_eq!(resumed, Resumed::Recovered(0), "nothing was missed");
}

/// An empty room is kept as long as it has something to remember.
#[tokio::test(start_paused = true)]
async fn an_empty_room_is_kept_for_those_who_come_back() {
    let mut house = House::new();
    let rooms = remembering(History { age: Duration::from_secs(60), ..all() });
    let (_keeper, keeper) = keep(&mut house, &rooms).await;
    keeper.broadcast(&Tell::number(1)).unwrap();
    let start = at(&epoch(keeper.position().unwrap()), 0);
    drop(keeper);
    assert_eq!((rooms.len(), rooms.room("room").len()), (1, 0));
    advance(Duration::from_secs(59)).await;
    let (resumed, seen, _socket, back) = come_back(&mut house, &rooms, Some(start)).await;
    assert_eq!((resumed, numbers(&seen)), (Resumed::Recovered(1), vec![1]));
    drop(back);
    advance(Duration::from_secs(60)).await;
    let (resumed, _, _socket, back) = come_back(&mut house, &rooms, Some(start)).await;
    assert!(matches!(resumed, Resumed::Lost(Some(position)) if position != start), "{resumed:?}");
    drop(back);
    assert!(rooms.is_empty(), "nobody is there, and there is nothing to remember");
}

/// Whoever was cut off in a quiet room has missed nothing, however old the last message is.
#[tokio::test(start_paused = true)]
async fn an_empty_room_is_kept_from_when_the_last_member_left() {
    let mut house =
        House::with(WebSocketConfig { keepalive_interval: None, ..Default::default() }, |client| client);
    let rooms = remembering(History { age: Duration::from_secs(60), ..all() });
    let (_socket, ws) = house.guest().await;
    let mut membership = rooms.join("room", &ws).unwrap();
    membership.broadcast(&Tell::number(1)).unwrap();
    let seen = membership.position();
    advance(Duration::from_secs(600)).await;
    membership.leave();
    advance(Duration::from_secs(59)).await;
    drop(rooms.join("elsewhere", &ws).unwrap());
    let (resumed, _, _socket, back) = come_back(&mut house, &rooms, seen).await;
    assert_eq!(resumed, Resumed::Recovered(0));
    drop(back);
    advance(Duration::from_secs(60)).await;
    drop(rooms.join("elsewhere", &ws).unwrap());
    assert_eq!(rooms.names(), [] as [Arc<str>; 0]);
}

/// Nobody is in the room when it is sent to, as `on_close` does of whoever was the last.
#[tokio::test(start_paused = true)]
async fn a_room_that_was_sent_to_while_it_was_empty_is_gone_in_its_time() {
    const AGE: Duration = Duration::from_secs(60);
    let mut house =
        House::with(WebSocketConfig { keepalive_interval: None, ..Default::default() }, |client| client);
    let rooms = remembering(History { age: AGE, ..all() });
    let (_socket, ws) = house.guest().await;
    // Its members have left, and it is sent to a second later.
    let mut membership = rooms.join("left", &ws).unwrap();
    membership.broadcast(&Tell::number(1)).unwrap();
    membership.leave();
    advance(Duration::from_secs(1)).await;
    membership.broadcast(&Tell::number(2)).unwrap();
    // Nobody was ever in this one.
    rooms.room("never entered").broadcast(&Tell::number(1)).unwrap();
    assert_eq!(rooms.len(), 2);
    for _ in 0..3 {
        // The first time the second message is not of that age yet.
        advance(AGE - Duration::from_millis(500)).await;
        // Whatever goes on elsewhere: rooms are cleared away when others come and go.
        drop(rooms.join("elsewhere", &ws).unwrap());
    }
    assert_eq!(rooms.names(), [] as [Arc<str>; 0]);
}

/// To come and go does not count as many empty rooms.
#[tokio::test]
async fn to_come_and_go_often_forgets_nothing() {
    let mut house = House::new();
    let rooms = remembering(all());
    let (_socket, ws) = house.guest().await;
    let membership = rooms.join("room", &ws).unwrap();
    let start = membership.position();
    membership.broadcast(&Tell::number(1)).unwrap();
    drop(membership);
    for _ in 0..10_010 {
        drop(rooms.join("room", &ws).unwrap());
    }
    let (resumed, seen, ..) = come_back(&mut house, &rooms, start).await;
    assert_eq!((resumed, numbers(&seen)), (Resumed::Recovered(1), vec![1]));
}

/// One room that is kept for long does not keep others.
#[tokio::test(start_paused = true)]
async fn rooms_of_different_ages_are_gone_each_in_its_time() {
    let mut house =
        House::with(WebSocketConfig { keepalive_interval: None, ..Default::default() }, |client| client);
    let rooms = Rooms::<Tell>::with_config_by_name(|name| {
        let age = Duration::from_secs(if name == "long" { 3600 } else { 10 });
        RoomConfig { history: Some(History { age, ..all() }), ..Default::default() }
    });
    let (_socket, ws) = house.guest().await;
    for name in ["long", "short"] {
        rooms.join(name, &ws).unwrap().broadcast(&Tell::number(1)).unwrap();
    }
    assert_eq!(rooms.len(), 2);
    advance(Duration::from_secs(11)).await;
    drop(rooms.join("elsewhere", &ws).unwrap());
    assert_eq!(rooms.names(), ["long".into()] as [Arc<str>; 1]);
}

/// `Duration::MAX` is how one says that age does not matter.
#[tokio::test]
async fn a_history_without_an_age() {
    let mut house = House::new();
    let rooms = remembering(History { age: Duration::MAX, ..all() });
    let (_socket, ws) = house.guest().await;
    let membership = rooms.join("room", &ws).unwrap();
    let start = membership.position();
    membership.broadcast(&Tell::number(1)).unwrap();
    drop(membership);
    let (resumed, seen, ..) = come_back(&mut house, &rooms, start).await;
    assert_eq!((resumed, numbers(&seen)), (Resumed::Recovered(1), vec![1]));
}

#[test]
fn what_is_no_position() {
    for text in ["", ".", "1", "1.", ".1", "x.1", "1.x", "1.-1", "-1.1", " 1.1", "1.1 ", "1.1.1", "1,1"] {
        assert!(text.parse::<Position>().is_err(), "{text:?}");
    }
    let text = "fedcba9876543210.18446744073709551615";
    assert_eq!(text.parse::<Position>().unwrap().to_string(), text);
}

/// Raw messages are objects, or they are refused: nobody is sent anything that is no JSON any more.
#[tokio::test]
async fn raw_messages_stay_json() {
    let mut house = House::new();
    let config = RoomConfig { history: Some(all()), ..Default::default() };
    let rooms = Rooms::<Message>::with_config(config);
    let (mut socket, ws) = house.guest().await;
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

/// Whoever relays texts of its peers does not let them move others about in the history.
#[tokio::test]
async fn a_message_does_not_say_itself_where_it_stands() {
    let mut house = House::new();
    let rooms = Rooms::<Message>::with_config(RoomConfig { history: Some(all()), ..Default::default() });
    let (mut socket, ws) = house.guest().await;
    let membership = rooms.join("room", &ws).unwrap();
    for text in [r#"{"$at":"1.99"}"#, r#"{"type":"said","$at":"1.99"}"#] {
        if membership.broadcast(&Message::from(text)).is_err() {
            continue;
        }
        let seen: serde_json::Value = socket.recv_json().await;
        assert_eq!(seen["$at"], membership.position().unwrap().to_string());
    }
}
