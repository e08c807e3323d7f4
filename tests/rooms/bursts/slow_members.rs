//! Members that do not read a burst in time.

use std::time::Duration;

use ignitia::{Room, prelude::*, rooms::Overflow, testing::TestSocket, websocket::CloseKind};

use super::{GRACE, policies, quiet, rooms};
use crate::{
    rooms::{
        Connector, Seen, Tell, counts, mark,
        sockets::{number, stay},
        up_to_mark,
    },
    support::{DEADLINE, Frame, TEXT, Transport, until},
};

/// Sends a burst that is much too large for a slow member to one with a small pipe.
async fn burst_at(
    overflow: Overflow<Tell>,
    messages: usize,
) -> (Connector, Room<Tell>, TestSocket, WebSocketConnection, Membership<Tell>) {
    let mut connector = Connector::with(quiet(), |client| client.pipe_capacity(1_024));
    let rooms = rooms(overflow);
    let (socket, ws) = connector.open().await;
    let seat = rooms.join("room", &ws).unwrap();
    let room = rooms.room("room");
    for n in 0..messages {
        assert_eq!(counts(room.broadcast(&Tell::padded(n, 1_000)).unwrap()), (1, 0, 0));
    }
    (connector, room, socket, ws, seat)
}

/// No further broadcast comes and the peer does not read: it is still detected.
#[tokio::test(start_paused = true)]
async fn a_member_that_does_not_read_a_burst_is_closed_in_time() {
    let (_connector, room, mut socket, ws, _seat) = burst_at(Overflow::Close, 5_000).await;
    tokio::time::sleep(Duration::from_millis(9_900)).await;
    assert_eq!((room.len(), ws.is_closed()), (1, false), "too early");
    tokio::time::sleep(GRACE - Duration::from_millis(9_800)).await;
    assert_eq!((room.len(), ws.is_closed()), (0, true), "too late");
    let mut next = 0;
    let frame = loop {
        match socket.recv().await {
            Some(Message::Text(text)) => {
                assert_eq!(serde_json::from_str::<Seen>(&text).unwrap().n, next, "a hole or a double");
                next += 1;
            }
            Some(Message::Close(frame)) => break frame.unwrap(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!((frame.code, &*frame.reason), (1013, "lagged"));
    let cause = ws.closed().await;
    assert_eq!((cause.kind, cause.unsent), (CloseKind::Lagged, 5_000 - next));
}

/// The same under the other policies: the notice stands in place of the missing messages.
#[tokio::test(start_paused = true)]
async fn a_member_that_does_not_read_a_burst_is_told_what_it_missed() {
    const MESSAGES: usize = 5_000;
    for (overflow, ends_with) in [
        (Overflow::DropOldest, "newest"),
        (Overflow::DropNewest, "notice"),
        (Overflow::coalesce(|tell: &Tell| if let Tell::Padded { n, .. } = tell { n % 7 } else { 0 }), "keys"),
    ] {
        let name = format!("{overflow:?}");
        let (_connector, room, mut socket, ws, _seat) = burst_at(overflow, MESSAGES).await;
        tokio::time::sleep(GRACE + Duration::from_millis(100)).await;
        assert_eq!(room.len(), 1);
        // From now on no more waits than for any slow member.
        let late = room.broadcast(&Tell::padded(MESSAGES, 1_000)).unwrap();
        assert_eq!(counts(late), (0, 1, 0), "{name}");
        let (mut seen, mut told) = (Vec::new(), 0);
        loop {
            let next: Seen = socket.recv_json().await;
            if next.tag == "$lagged" {
                told += next.missed;
            } else {
                seen.push(next.n);
            }
            // All but those that a newer one of their key replaces.
            if ends_with == "keys" && next.n == MESSAGES || seen.len() + told == MESSAGES + 1 {
                break;
            }
        }
        assert!(seen.is_sorted(), "{name}");
        match ends_with {
            "newest" => {
                assert!(
                    told > 4_000 && *seen.last().unwrap() == MESSAGES,
                    "{name}: {told} missed, {:?}",
                    seen.last()
                );
                let kept = &seen[seen.len() - 256..];
                assert_eq!(kept, Vec::from_iter(MESSAGES - 255..=MESSAGES));
            }
            "notice" => {
                assert!(told > 4_000, "{name}: {told} missed");
                assert_eq!(seen, Vec::from_iter(0..seen.len()));
            }
            _ => {
                assert_eq!(told, 0);
                assert_eq!(seen[seen.len() - 7..], [4_994, 4_995, 4_996, 4_997, 4_998, 4_999, 5_000]);
                assert!(seen.len() < 500, "{name}: {} came", seen.len());
            }
        }
        // The member has caught up: it may get a burst again.
        mark(&ws);
        assert!(up_to_mark(&mut socket).await.is_empty());
        for n in 0..2_000 {
            assert_eq!(counts(room.broadcast(&Tell::padded(n, 1_000)).unwrap()), (1, 0, 0), "{name}");
        }
    }
}

/// The member reads a little all the time, and never enough: being alive does not help it.
#[tokio::test(start_paused = true)]
async fn a_member_that_reads_too_slowly_is_detected() {
    let (_connector, room, mut socket, ws, _seat) = burst_at(Overflow::Close, 5_000).await;
    let mut read = 0;
    while !ws.is_closed() {
        assert_eq!(socket.recv_json::<Seen>().await.n, read);
        read += 1;
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert!(read < 150, "it reads 10 of 5,000 messages a second, and is still in");
    }
    assert!(read > 95, "{read}");
    assert_eq!(room.len(), 0);
}

/// The same burst, read within `lag_after`.
#[tokio::test(start_paused = true)]
async fn a_member_that_is_behind_for_a_while_gets_everything() {
    for overflow in policies() {
        let (_connector, room, mut socket, _ws, _seat) = burst_at(overflow, 5_000).await;
        for n in 0..5_000 {
            assert_eq!(socket.recv_json::<Seen>().await.n, n);
            if n % 1_250 == 0 {
                tokio::time::sleep(Duration::from_millis(1_100)).await;
            }
        }
        tokio::time::sleep(2 * GRACE).await;
        // Each burst has a time of its own.
        for n in 0..5_000 {
            assert_eq!(counts(room.broadcast(&Tell::padded(n, 1_000)).unwrap()), (1, 0, 0));
        }
        for n in 0..5_000 {
            assert_eq!(socket.recv_json::<Seen>().await.n, n);
        }
    }
}

/// A real socket whose peer never reads, among others that do, with the defaults.
#[tokio::test]
async fn peers_that_stop_reading_are_detected_and_the_others_get_everything() {
    for transport in [Transport::Plain, Transport::Tls, Transport::Http2] {
        let rooms = rooms(Overflow::Close);
        // The stalled peer reads its close frame late, later still on a slow machine.
        let config =
            quiet().lag_after(Duration::from_secs(2)).write_stall(10 * DEADLINE).close_timeout(10 * DEADLINE);
        let router = Router::new().state(rooms.clone()).websocket("/", stay).websocket_config(config);
        let server = transport.serve(router).await;
        let mut reader = server.open("/").await;
        let mut stalled = server.connect_narrow().await;
        stalled.upgrade("/").await;
        let room = rooms.room("room");
        until("both are in", || room.len() == 2).await;
        let (mut sent, mut closed) = (0, 0);
        while closed == 0 && room.len() == 2 {
            closed += room.broadcast(&Tell::padded(sent, 4_000)).unwrap().closed;
            assert_eq!(number(reader.frame().await, 0), Some(sent));
            sent += 1;
            if sent % 100 == 0 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            assert!(sent < 60_000, "{transport:?}: it reads nothing, and is still in");
        }
        for n in sent..sent + 2_000 {
            assert_eq!(room.broadcast(&Tell::padded(n, 1_000)).unwrap().queued, 1);
        }
        for n in sent..sent + 2_000 {
            assert_eq!(number(reader.frame().await, 0), Some(n));
        }
        let mut last = 0;
        loop {
            let frame: Frame = stalled.frame().await;
            if frame.opcode != TEXT {
                assert_eq!(frame.close_code(), (1013, "lagged".into()), "{transport:?}");
                break;
            }
            assert_eq!(number(frame, 0), Some(last), "a hole or a double");
            last += 1;
        }
    }
}
