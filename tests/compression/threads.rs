//! Threads that end: a compressor belongs to one.

use std::cell::OnceCell;

use ignitia::{prelude::*, rooms::Room, websocket::Compression};

use super::{handles::Handles, peer::OFFER, prose, with};

/// Says a last word in a room.
struct Farewell(Room<Message>);

impl Drop for Farewell {
    fn drop(&mut self) {
        assert_eq!(self.0.broadcast(&Message::Text(prose(2, 1_000))).unwrap().queued, 1);
    }
}

thread_local! {
    static FAREWELL: OnceCell<Farewell> = const { OnceCell::new() };
}

/// A thread drops what it owns in turn: its compressor before what it has owned for longer. A
/// panic there would end the process.
#[tokio::test]
async fn a_thread_that_ends_may_still_broadcast() {
    let mut handles = Handles::new([("/ws", with(Compression::shared()))]).await;
    let rooms = Rooms::<Message>::new();
    let (mut peer, ws) = handles.open("/ws", OFFER).await;
    let _membership = rooms.join("room", &ws).unwrap();
    let room = rooms.room("room");
    let thread = std::thread::spawn(move || {
        FAREWELL.with(|farewell| drop(farewell.set(Farewell(room.clone()))));
        assert_eq!(room.broadcast(&Message::Text(prose(1, 1_000))).unwrap().queued, 1);
    });
    for seed in [1, 2] {
        assert!(peer.expect_text(&prose(seed, 1_000)).await, "it is compressed");
    }
    thread.join().unwrap();
}
