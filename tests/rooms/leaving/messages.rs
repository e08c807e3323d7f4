//! Messages around the end: none arrives after leaving.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use ignitia::{
    prelude::*,
    rooms::{Overflow, RoomConfig},
    websocket::WebSocketConfig,
};

use crate::{
    rooms::{Connector, Seen, Tell, counts, mark, up_to_mark},
    support::{until, within},
};

/// Our close frame is out and the peer's is still to come: the connection gets no more messages and
/// delays no other member. With the peer's answer it leaves.
#[tokio::test(start_paused = true)]
async fn a_closing_connection_gets_no_messages() {
    let mut connector = Connector::new();
    let rooms = Rooms::<Tell>::new();
    let (mut socket, ws) = connector.open().await;
    let membership = rooms.join("room", &ws).unwrap();
    membership.broadcast(&Tell::number(1)).unwrap();
    ws.close(Some(CloseFrame { code: 4000, reason: "enough".into() })).await.unwrap();
    assert_eq!(counts(membership.broadcast(&Tell::number(2)).unwrap()), (0, 0, 0));
    assert!(rooms.join("other", &ws).unwrap_err().is_closed());
    assert_eq!(socket.recv_json::<Seen>().await.n, 1);
    socket.expect_close(4000).await;
    until("it has left", || rooms.is_empty()).await;
    drop(membership);
}

/// Messages that still wait for a room are given up when it is left, and none come after.
#[tokio::test(start_paused = true)]
async fn no_message_arrives_after_leaving() {
    let mut connector = Connector::new();
    let rooms = Rooms::<Tell>::new();
    let (mut socket, ws) = connector.open().await;
    let (_other_socket, other) = connector.open().await;
    let other = rooms.join("room", &other).unwrap();
    let mut membership = rooms.join("room", &ws).unwrap();
    other.broadcast(&Tell::number(1)).unwrap();
    membership.leave();
    assert_eq!(counts(other.broadcast(&Tell::number(2)).unwrap()), (1, 0, 0));
    mark(&ws);
    let seen = up_to_mark(&mut socket).await;
    assert_eq!(seen.iter().map(|seen| seen.n).collect::<Vec<_>>(), [1]);
}

/// The connection ends while other tasks join it to rooms: in any order, no membership stays.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_connection_leaves_although_others_join_it_to_rooms() {
    let mut connector = Connector::new();
    let rooms = Rooms::<Tell>::new();
    for round in 0..100 {
        let (socket, ws) = connector.open().await;
        let mut joiners = tokio::task::JoinSet::new();
        for joiner in 0..3 {
            let (rooms, ws) = (rooms.clone(), ws.clone());
            joiners.spawn(async move {
                let mut joined = Vec::new();
                while let Ok(membership) = rooms.join(format!("{joiner}"), &ws) {
                    membership.broadcast(&Tell::number(0)).unwrap();
                    joined.push(membership);
                    if joined.len() > 5 {
                        joined.remove(0);
                    }
                    tokio::task::yield_now().await;
                }
                joined
            });
        }
        for _ in 0..round % 10 {
            tokio::task::yield_now().await;
        }
        if round % 2 == 0 {
            socket.reset()
        } else {
            drop(socket)
        }
        ws.closed().await;
        // The tasks keep their memberships: the end of the connection ends them.
        let joined = within("the joiners", joiners.join_all()).await;
        until("it has left", || rooms.is_empty()).await;
        drop(joined);
    }
}

/// The connection leaves in the middle of broadcasts, while it lags: nothing of the room is kept
/// for it, and nothing comes afterwards.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_message_arrives_after_leaving_in_the_middle_of_a_broadcast() {
    let config = RoomConfig::default().overflow(Overflow::DropOldest);
    let mut connector = Connector::with(WebSocketConfig::default(), |client| client.pipe_capacity(1_024));
    let rooms = Rooms::<Tell>::with_config(config);
    let (mut socket, ws) = connector.open().await;
    // The room stays, so that the broadcasts find it.
    let (keeper_socket, keeper) = connector.open().await;
    let _keeper = rooms.join("room", &keeper).unwrap();
    let over = Arc::new(AtomicBool::new(false));
    let sender = {
        let (room, over) = (rooms.room("room"), over.clone());
        std::thread::spawn(move || {
            while !over.load(Ordering::Acquire) {
                room.broadcast(&Tell::padded(1, 4_000)).unwrap();
            }
        })
    };
    for _ in 0..100_000 {
        drop(rooms.join("room", &ws).unwrap());
    }
    over.store(true, Ordering::Release);
    sender.join().unwrap();
    mark(&ws);
    up_to_mark(&mut socket).await;
    mark(&ws);
    // The messages that it did not get are still reported.
    let mut late = up_to_mark(&mut socket).await;
    late.retain(|seen| seen.tag != "$lagged");
    assert_eq!(late.len(), 0, "messages of a room that it left came afterwards: {:?} ..", late.first());
    drop(keeper_socket);
}
