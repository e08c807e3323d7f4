//! Members that do not read in time.

use ignitia_modelled::{
    Message,
    harness::{self, PeerFrame},
    rooms::{Overflow, RoomConfig, Rooms},
    websocket::WebSocketConfig,
};
use shuttle::{future, thread};

use super::text;
use crate::{connect, explore, listen, spawn, texts};

/// A slow member receives the number of missed messages: it never misses any silently.
#[test]
fn a_slow_member_never_misses_a_message_silently() {
    explore(|| {
        let config = RoomConfig::default().overflow(Overflow::DropOldest).backlog(1);
        let rooms = Rooms::<Message>::with_config(config);
        let narrow = WebSocketConfig::default().outbox_messages(1).outbox_burst(1);
        let (mut peer, ws, task) = connect(narrow, listen);
        let membership = rooms.join("r", &ws).unwrap();
        let room = rooms.room("r");
        let sender = thread::spawn(move || {
            for n in 0..5 {
                room.broadcast(&text(&n.to_string())).unwrap();
            }
        });
        // Before the close, which would send all that is queued.
        let mut accounted = 0;
        while accounted < 5 {
            let Some(PeerFrame::Text(text)) = future::block_on(peer.recv()) else {
                panic!("only {accounted} of 5")
            };
            match text.parse::<u64>() {
                Ok(number) => {
                    assert_eq!(number, accounted);
                    accounted += 1;
                }
                Err(_) => {
                    let notice: serde_json::Value = serde_json::from_str(&text).unwrap();
                    accounted += notice["missed"].as_u64().unwrap();
                }
            }
        }
        sender.join().unwrap();
        future::block_on(ws.close(None)).unwrap();
        assert_eq!(future::block_on(peer.recv_all()), [PeerFrame::Close(None)]);
        drop(membership);
        future::block_on(task).unwrap();
    });
}

/// Two threads send more than the outbox holds, while the member leaves and joins again. It is
/// never slow, so every message sent while it was a member must arrive, in order.
fn burst(overflow: Overflow<Message>) {
    let config = RoomConfig::default().overflow(overflow).backlog(1);
    let rooms = Rooms::<Message>::with_config(config);
    let narrow = WebSocketConfig::default().outbox_messages(1);
    let (mut peer, ws, task) = connect(narrow, listen);
    let mut membership = rooms.join("r", &ws).unwrap();
    let senders = ["a", "b"].map(|name| {
        let room = rooms.room("r");
        thread::spawn(move || {
            let mut sent = Vec::new();
            for n in 0..4 {
                let delivered = room.broadcast(&text(&format!("{name}{n}"))).unwrap();
                assert_eq!((delivered.lagging, delivered.closed), (0, 0));
                sent.extend((delivered.queued == 1).then_some(n));
            }
            sent
        })
    });
    let reader = spawn(async move { peer.recv_all().await });
    membership.enter(&ws).unwrap();
    let sent = senders.map(|sender| sender.join().unwrap());
    future::block_on(ws.close(None)).unwrap();
    let frames = reader.join().unwrap();
    for (name, sent) in ["a", "b"].into_iter().zip(sent) {
        let arrived = texts(&frames).into_iter().filter_map(|text| text.strip_prefix(name));
        let arrived: Vec<i32> = arrived.map(|n| n.parse().unwrap()).collect();
        assert_eq!(arrived, sent, "{frames:?}");
    }
    drop(membership);
    future::block_on(task).unwrap();
}

#[test]
fn a_burst_written_in_pieces_loses_no_message_with_overflow_close() {
    explore(|| burst(Overflow::Close));
}

#[test]
fn a_burst_written_in_pieces_loses_no_message_with_drop_oldest() {
    explore(|| burst(Overflow::DropOldest));
}

/// The time for a burst expires while the transport writes a part of it. The member must receive
/// the number of missed messages in their place, with every policy that does not close.
fn become_slow(overflow: Overflow<Message>) {
    const MESSAGES: u64 = 6;
    let config = RoomConfig::default().overflow(overflow).backlog(1);
    let rooms = Rooms::<Message>::with_config(config);
    let narrow = WebSocketConfig::default().outbox_messages(1);
    let (mut peer, ws, task) = connect(narrow, listen);
    let membership = rooms.join("r", &ws).unwrap();
    let room = rooms.room("r");
    let sender = thread::spawn(move || {
        for n in 0..MESSAGES {
            room.broadcast(&text(&n.to_string())).unwrap();
        }
    });
    let clock = {
        let ws = ws.clone();
        thread::spawn(move || harness::fall_behind(&ws))
    };
    let mut accounted = 0;
    while accounted < MESSAGES {
        let Some(PeerFrame::Text(text)) = future::block_on(peer.recv()) else { panic!("only {accounted}") };
        match text.parse::<u64>() {
            Ok(number) => {
                assert_eq!(number, accounted);
                accounted += 1;
            }
            Err(_) => {
                let notice: serde_json::Value = serde_json::from_str(&text).unwrap();
                accounted += notice["missed"].as_u64().unwrap();
            }
        }
    }
    for thread in [sender, clock] {
        thread.join().unwrap();
    }
    future::block_on(ws.close(None)).unwrap();
    assert_eq!(future::block_on(peer.recv_all()), [PeerFrame::Close(None)]);
    drop(membership);
    future::block_on(task).unwrap();
}

#[test]
fn a_member_that_is_slow_in_a_burst_receives_the_number_of_dropped_oldest_messages() {
    explore(|| become_slow(Overflow::DropOldest));
}

#[test]
fn a_member_that_is_slow_in_a_burst_receives_the_number_of_dropped_newest_messages() {
    explore(|| become_slow(Overflow::DropNewest));
}
