//! Bursts of broadcasts: a loop of broadcasts does not make a member slow, and members that do not
//! read are still detected.

use std::time::Duration;

use ignitia::{
    Room,
    prelude::*,
    rooms::{Overflow, RoomConfig},
    testing::TestSocket,
    websocket::{CloseKind, WebSocketConfig},
};

use super::{
    Connector, Seen, Tell, counts,
    crowds::UndecidedConnector,
    mark, rooms_with,
    sockets::{number, stay},
    up_to_mark,
};
use crate::support::{DEADLINE, Frame, TEXT, Transport, heap, is_alone, until};

/// Bursts that are guaranteed to fit: number of messages, and the size to which each is padded.
const BURSTS: [(usize, usize); 2] = [(10_000, 60), (3_000, 4_040)];

/// Time that a member may be behind, and the grace period of a quarter of a second.
const GRACE: Duration = Duration::from_millis(10_250);

fn policies() -> [Overflow<Tell>; 4] {
    [Overflow::Close, Overflow::DropOldest, Overflow::DropNewest, Overflow::coalesce(|_: &Tell| 0)]
}

fn rooms(overflow: Overflow<Tell>) -> Rooms<Tell> {
    rooms_with(RoomConfig { overflow, ..Default::default() })
}

fn quiet() -> WebSocketConfig {
    WebSocketConfig { keepalive_interval: None, ..Default::default() }
}

/// One loop without an await: members that read get all of it, in order.
async fn members_that_read_lose_nothing(transport: Transport, overflow: Overflow<Tell>) {
    let name = format!("{transport:?}, {overflow:?}");
    let rooms = rooms(overflow);
    // A slow machine may read slowly; another test is about that.
    let config = WebSocketConfig { lag_after: Duration::from_secs(100), ..quiet() };
    let router = Router::new().state(rooms.clone()).websocket("/", stay).websocket_config(config);
    let server = transport.serve(router).await;
    let mut peers = Vec::new();
    for _ in 0..2 {
        peers.push(server.open("/").await);
    }
    let room = rooms.room("room");
    until("all are in", || room.len() == 2).await;
    for (messages, size) in BURSTS {
        for n in 0..messages {
            let delivered = room.broadcast(&Tell::padded(n, size)).unwrap();
            assert_eq!(counts(delivered), (2, 0, 0), "{name}: at {n} of {messages}");
        }
        for n in 0..messages {
            for peer in &mut peers {
                assert_eq!(number(peer.frame().await, 0), Some(n), "{name}: at {n} of {messages}");
            }
        }
    }
}

#[tokio::test]
async fn a_loop_of_broadcasts_loses_nothing_for_members_that_read() {
    for overflow in policies() {
        members_that_read_lose_nothing(Transport::Plain, overflow).await;
    }
    for transport in [Transport::Tls, Transport::Http2] {
        members_that_read_lose_nothing(transport, Overflow::Close).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_loop_of_broadcasts_on_another_thread_loses_nothing_for_members_that_read() {
    members_that_read_lose_nothing(Transport::Plain, Overflow::Close).await;
    members_that_read_lose_nothing(Transport::Plain, Overflow::DropOldest).await;
}

/// The loop takes longer than `lag_after`: no member had a chance to read meanwhile.
#[tokio::test]
async fn a_stall_of_our_process_does_not_make_a_member_slow() {
    for overflow in policies() {
        let rooms = rooms(overflow);
        let config = WebSocketConfig {
            lag_after: Duration::from_millis(300),
            keepalive_interval: None,
            ..Default::default()
        };
        let router = Router::new().state(rooms.clone()).websocket("/", stay).websocket_config(config);
        let server = Transport::Plain.serve(router).await;
        let mut peer = server.open("/").await;
        let room = rooms.room("room");
        until("it is in", || room.len() == 1).await;
        let mut read = 0;
        for part in 1..=3 {
            for n in (part - 1) * 4_000..part * 4_000 {
                assert_eq!(room.broadcast(&Tell::padded(n, 100)).unwrap().queued, 1);
            }
            // The task has filled the socket and rests: now everything stands still for longer than
            // `lag_after`.
            tokio::task::yield_now().await;
            std::thread::sleep(Duration::from_millis(1_500));
            while read < part * 4_000 {
                assert_eq!(number(peer.frame().await, 0), Some(read));
                read += 1;
            }
        }
    }
}

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
    let (_house, room, mut socket, ws, _seat) = burst_at(Overflow::Close, 5_000).await;
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
        let (_house, room, mut socket, ws, _seat) = burst_at(overflow, MESSAGES).await;
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
    let (_house, room, mut socket, ws, _seat) = burst_at(Overflow::Close, 5_000).await;
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
        let (_house, room, mut socket, _ws, _seat) = burst_at(overflow, 5_000).await;
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

/// There is no transport yet, so nothing is written: the policy applies beyond the largest burst.
#[tokio::test]
async fn the_largest_burst_is_what_the_configuration_says() {
    let config = WebSocketConfig { outbox_messages: 10, outbox_burst: 20, ..Default::default() };
    for overflow in policies() {
        let name = format!("{overflow:?}");
        let guest = UndecidedConnector::with(config.clone()).connect().await;
        let rooms = rooms_with(RoomConfig { overflow, backlog: 4, ..Default::default() });
        let seat = rooms.join("room", &guest.ws).unwrap();
        for n in 0..200 {
            assert_eq!(counts(seat.broadcast(&Tell::number(n)).unwrap()), (1, 0, 0), "{name}: at {n}");
        }
        let more = counts(seat.broadcast(&Tell::number(200)).unwrap());
        assert_eq!(more, if name == "Close" { (0, 0, 1) } else { (0, 1, 0) }, "{name}");
    }
    // The same in bytes.
    let config = WebSocketConfig { outbox_bytes: 10_000, outbox_burst: 20, ..Default::default() };
    let guest = UndecidedConnector::with(config).connect().await;
    let seat = rooms(Overflow::Close).join("room", &guest.ws).unwrap();
    let queued = (0..300).take_while(|n| seat.broadcast(&Tell::padded(*n, 950)).unwrap().closed == 0).count();
    assert!((190..=210).contains(&queued), "{queued} of about 1,000 bytes");
}

/// One connection in several rooms has one burst.
#[tokio::test]
async fn a_connection_has_one_burst_for_all_its_rooms() {
    let config = WebSocketConfig { outbox_messages: 10, outbox_burst: 20, ..Default::default() };
    let guest = UndecidedConnector::with(config).connect().await;
    let rooms = rooms_with(RoomConfig { overflow: Overflow::DropNewest, backlog: 4, ..Default::default() });
    let seats: Vec<_> = (0..5).map(|n| rooms.join(format!("{n}"), &guest.ws).unwrap()).collect();
    let mut queued = 0;
    for n in 0..100 {
        for seat in &seats {
            queued += seat.broadcast(&Tell::number(n)).unwrap().queued;
        }
    }
    assert_eq!(queued, 200);
}

/// Leaving does not make a member slow: messages from before still arrive, from any number of
/// rooms.
#[tokio::test(start_paused = true)]
async fn messages_before_a_member_left_still_arrive() {
    const ROOMS: usize = 100;
    for overflow in policies() {
        let mut connector = Connector::with(quiet(), |client| client);
        let rooms = rooms(overflow);
        let (mut socket, ws) = connector.open().await;
        let mut seats: Vec<_> = (0..ROOMS).map(|n| rooms.join(format!("{n}"), &ws).unwrap()).collect();
        for n in 0..100 {
            for (from, seat) in seats.iter().enumerate() {
                assert_eq!(seat.broadcast(&Tell::Number { from, n }).unwrap().queued, 1);
            }
        }
        seats.truncate(ROOMS / 2);
        // The member joins again, and continues behind the earlier messages.
        for (from, seat) in seats.iter_mut().enumerate() {
            seat.enter(&ws).unwrap();
            assert_eq!(seat.broadcast(&Tell::Number { from, n: 100 }).unwrap().queued, 1);
        }
        mark(&ws);
        let mut next = [0; ROOMS];
        let mut came = 0;
        while came < ROOMS * 100 + ROOMS / 2 {
            let seen: Seen = socket.recv_json().await;
            if seen.tag == "mark" {
                continue;
            }
            assert_eq!((&*seen.tag, seen.n), ("number", next[seen.from]), "a hole or a double");
            next[seen.from] += 1;
            came += 1;
        }
    }
}

/// The member joins, gets a burst, leaves and joins again, and reads nothing: the earlier bursts
/// count.
#[tokio::test]
async fn leaving_in_a_burst_again_and_again_is_bounded() {
    if !is_alone("rooms::bursts::leaving_in_a_burst_again_and_again_is_bounded") {
        return;
    }
    let config = WebSocketConfig { outbox_bytes: 64 << 10, ..Default::default() };
    for overflow in policies() {
        let name = format!("{overflow:?}");
        let guest = UndecidedConnector::with(config.clone()).connect().await;
        let rooms = rooms(overflow);
        let before = heap();
        for _ in 0..200 {
            let Ok(seat) = rooms.join("room", &guest.ws) else { break };
            for n in 0..100 {
                seat.broadcast(&Tell::padded(n, 1_000)).unwrap();
            }
        }
        let grown = heap().saturating_sub(before);
        assert!(grown < 20 * (64 << 10), "{name}: {} KiB", grown >> 10);
    }
}

/// Waiting messages are shared: a hundred members that do not read take as much as one.
#[tokio::test(start_paused = true)]
async fn a_burst_is_kept_once_for_all_members() {
    if !is_alone("rooms::bursts::a_burst_is_kept_once_for_all_members") {
        return;
    }
    const MEMBERS: usize = 100;
    let mut connector = Connector::with(quiet(), |client| client.pipe_capacity(1_024));
    let rooms = rooms(Overflow::Close);
    let mut members = Vec::new();
    for _ in 0..MEMBERS {
        let (socket, ws) = connector.open().await;
        members.push((rooms.join("room", &ws).unwrap(), socket, ws));
    }
    let room = rooms.room("room");
    let before = heap();
    for n in 0..3_000 {
        assert_eq!(room.broadcast(&Tell::padded(n, 4_040)).unwrap().queued, MEMBERS);
        if n % 100 == 0 {
            tokio::task::yield_now().await;
        }
    }
    let grown = heap().saturating_sub(before);
    // 12 MiB for all, and for each its references to them.
    assert!(grown < (14 << 20) + MEMBERS * (400 << 10), "{} MiB", grown >> 20);
    println!("{} MiB", grown >> 20);
    tokio::time::sleep(GRACE + Duration::from_millis(100)).await;
    assert_eq!(room.len(), 0);
    let left = heap().saturating_sub(before);
    assert!(
        left < (6 << 20) + MEMBERS * (40 << 10),
        "{} KiB are left of a burst that is not read",
        left >> 10
    );
}

/// A real socket whose peer never reads, among others that do, with the defaults.
#[tokio::test]
async fn peers_that_stop_reading_are_detected_and_the_others_get_everything() {
    for transport in [Transport::Plain, Transport::Tls, Transport::Http2] {
        let rooms = rooms(Overflow::Close);
        // The stalled peer reads its close frame late, later still on a slow machine.
        let config = WebSocketConfig {
            lag_after: Duration::from_secs(2),
            write_stall: 10 * DEADLINE,
            close_timeout: 10 * DEADLINE,
            ..quiet()
        };
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
