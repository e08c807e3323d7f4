//! Unusual names, ids and members.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use ignitia::{
    prelude::*,
    rooms::{Overflow, RoomConfig},
    websocket::WebSocketConfig,
};

use crate::{
    rooms::{Connector, Seen, Tell, counts, mark, rooms_with, up_to_mark},
    support::until,
};

/// A name is any text; it is compared and reported unchanged.
#[tokio::test(start_paused = true)]
async fn rooms_may_have_any_name() {
    let huge = "ü".repeat(1 << 19);
    let names = [
        "",
        " ",
        "a",
        "A",
        "a ",
        "a\0",
        "\0",
        "\"},{\"type\":\"x\"",
        "\\",
        "\n\r\u{2028}",
        "\u{202e}",
        "é",
        "e\u{301}",
        "\u{10ffff}",
        "..",
        "a/b",
        &huge,
    ];
    let config = WebSocketConfig::default().outbox_messages(2).outbox_burst(1).keepalive_interval(None);
    let rooms = rooms_with(RoomConfig::default().overflow(Overflow::DropNewest));
    let mut sockets = Vec::new();
    let mut seats = Vec::new();
    for name in names {
        let mut connector = Connector::with(config.clone(), |client| client.pipe_capacity(512));
        let (socket, ws) = connector.open().await;
        seats.push(rooms.join(name, &ws).unwrap());
        sockets.push((connector, socket));
    }
    assert_eq!(rooms.len(), names.len(), "two names are one");
    let mut told: Vec<_> = rooms.names();
    told.sort();
    let mut expected = names.to_vec();
    expected.sort();
    assert!(told.iter().map(|name| &**name).eq(expected), "not the names that they were given");
    for ((name, seat), (_, socket)) in names.iter().zip(&seats).zip(&mut sockets) {
        assert_eq!((seat.name(), seat.len()), (*name, 1));
        let mut lagging = 0;
        while lagging == 0 {
            let delivered = rooms.room(*name).broadcast(&Tell::number(1)).unwrap();
            assert_eq!(delivered.queued + delivered.lagging, 1);
            lagging = delivered.lagging;
        }
        let lagged = loop {
            let next: Seen = socket.recv_json().await;
            if next.tag == "$lagged" {
                break next;
            }
        };
        assert!(lagged.room == *name && lagged.missed == 1, "{:.40?}, told of {:.40?}", name, lagged.room);
    }
    drop(seats);
    assert!(rooms.is_empty());
}

/// Member ids belong to memberships, not to rooms: the id of a member of another room is unknown
/// here.
#[tokio::test]
async fn a_member_id_of_another_room_is_unknown() {
    let mut connector = Connector::new();
    let rooms = Rooms::<Tell>::new();
    let (mut socket, ws) = connector.open().await;
    let here = rooms.join("here", &ws).unwrap();
    let there = rooms.join("there", &ws).unwrap().id().unwrap();
    let elsewhere = rooms.join("elsewhere", &ws).unwrap();
    for id in [there, elsewhere.id().unwrap()] {
        assert_eq!(counts(here.send_to(id, &Tell::number(0)).unwrap()), (0, 0, 0));
        assert_eq!(counts(here.broadcast_except(id, &Tell::number(1)).unwrap()), (1, 0, 0));
    }
    mark(&ws);
    let seen: Vec<usize> = up_to_mark(&mut socket).await.iter().map(|seen| seen.n).collect();
    assert_eq!(seen, [1, 1]);
}

/// Twice in a room, a peer gets every message twice, or a notice for each copy.
#[tokio::test(start_paused = true)]
async fn a_member_that_lags_twice_in_a_room_is_told_of_both() {
    const MESSAGES: usize = 100;
    for overflow in [Overflow::DropOldest, Overflow::DropNewest] {
        let config = WebSocketConfig::default().outbox_messages(8).outbox_burst(1).keepalive_interval(None);
        let mut connector = Connector::with(config, |client| client.pipe_capacity(512));
        let rooms = rooms_with(RoomConfig::default().overflow(overflow).backlog(4));
        let (mut socket, ws) = connector.open().await;
        let mut seats = [(); 2].map(|()| rooms.join("room", &ws).unwrap());
        for n in 1..=MESSAGES {
            assert_eq!(seats[0].broadcast(&Tell::padded(n, 400)).unwrap().closed, 0);
        }
        // One of them leaves while both lag: its missing messages are reported.
        seats[1].leave();
        let (mut seen, mut told) = (0, 0);
        while seen + told < 2 * MESSAGES {
            let next: Seen = socket.recv_json().await;
            told += next.missed;
            seen += usize::from(next.tag == "padded");
        }
        assert!(seen >= 8 && told > MESSAGES, "{seen} seen, {told} told");
        mark(&ws);
        assert_eq!(up_to_mark(&mut socket).await, [], "more than there was");
    }
}

/// A handler that watches its own room ends with the watch, and the watch of another with the room.
#[tokio::test]
async fn members_that_watch_each_other_all_leave() {
    const MEMBERS: usize = 10;
    let rooms = Rooms::<Tell>::new();
    let ended = Arc::new(AtomicUsize::new(0));
    let router = {
        let (rooms, ended) = (rooms.clone(), ended.clone());
        Router::new().websocket("/", move |mut ws: WebSocketConnection| {
            let (rooms, ended) = (rooms.clone(), ended.clone());
            async move {
                let seat = rooms.join("room", &ws).unwrap();
                let mut own = seat.watch();
                // This watch outlives the handler and the member.
                let mut other = seat.watch();
                tokio::spawn(async move {
                    while other.recv().await.is_some() {}
                    ended.fetch_add(1, Ordering::SeqCst);
                });
                loop {
                    tokio::select! {
                        event = own.recv() => assert!(event.is_some(), "over, with a member in it"),
                        message = ws.recv() => if message.is_none() { break },
                    }
                }
                drop(own);
                Response::ok()
            }
        })
    };
    let client = ignitia::testing::TestClient::new(router).unwrap();
    let mut sockets = Vec::new();
    for _ in 0..MEMBERS {
        sockets.push(client.connect("/").await);
    }
    until("all are in", || rooms.room("room").len() == MEMBERS).await;
    while let Some(socket) = sockets.pop() {
        if sockets.len() % 2 == 0 {
            drop(socket)
        } else {
            socket.reset()
        }
        until("it has left", || rooms.room("room").len() == sockets.len()).await;
    }
    assert!(rooms.is_empty());
    drop((client, rooms));
    until("every watch is over", || ended.load(Ordering::SeqCst) == MEMBERS).await;
}
