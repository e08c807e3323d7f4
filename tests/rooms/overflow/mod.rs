//! Members that do not read: the others get everything, and these get a notice, or are closed.

mod memory;

use ignitia::{
    Room,
    prelude::*,
    rooms::{Overflow, RoomConfig},
    testing::TestSocket,
    websocket::{CloseKind, WebSocketConfig},
};

use super::{Connector, MARK, Seen, Tell, mark, rooms_with, up_to_mark};
use crate::support::{Dice, until};

const MEMBERS: usize = 1_000;

/// Size to which a message is padded.
const SIZE: usize = 4_096;

/// Capacity of the pipe to a member.
const PIPE: usize = 4_096;

/// Number of messages that may wait for a member, under the policies that keep any.
const BACKLOG: usize = 8;

/// A full queue makes a member slow at once.
fn at_once() -> WebSocketConfig {
    WebSocketConfig::default().outbox_burst(1)
}

/// A room in which one member does not read.
struct Crowd {
    _connector: Connector,
    room: Room<Tell>,
    others: Vec<(TestSocket, Membership<Tell>)>,
    stalled: TestSocket,
    stalled_ws: WebSocketConnection,
    /// Membership that keeps it in the room.
    _seat: Membership<Tell>,
}

impl Crowd {
    async fn new(overflow: Overflow<Tell>, members: usize) -> Self {
        let config = at_once().outbox_messages(32).keepalive_interval(None);
        let mut connector = Connector::with(config, |client| client.pipe_capacity(PIPE));
        let rooms = rooms_with(RoomConfig::default().overflow(overflow).backlog(BACKLOG));
        let (stalled, stalled_ws) = connector.open().await;
        let seat = rooms.join("room", &stalled_ws).unwrap();
        let mut others = Vec::new();
        for _ in 1..members {
            let (socket, ws) = connector.open().await;
            others.push((socket, rooms.join("room", &ws).unwrap()));
        }
        Self { room: rooms.room("room"), _connector: connector, others, stalled, stalled_ws, _seat: seat }
    }

    /// Sends these messages; all members but one get each of them before the next goes out.
    async fn send(&mut self, numbers: impl IntoIterator<Item = usize>) {
        for n in numbers {
            let delivered = self.room.broadcast(&Tell::padded(n, SIZE)).unwrap();
            assert!(delivered.queued >= self.others.len(), "{delivered:?}");
            for (socket, _) in &mut self.others {
                let next: Seen = socket.recv_json().await;
                assert_eq!((&*next.tag, next.n), ("padded", n));
            }
        }
    }

    /// Reads what the stalled member is sent, up to a mark.
    async fn read_on(&mut self) -> Vec<Seen> {
        let mut seen = Vec::new();
        // Waiting messages move behind the mark while the queue empties: so the mark is repeated
        // until nothing comes.
        loop {
            let ws = self.stalled_ws.clone();
            let marked = tokio::spawn(async move { ws.send_text(MARK).await });
            let more = up_to_mark(&mut self.stalled).await;
            marked.await.unwrap().unwrap();
            if more.is_empty() {
                return seen;
            }
            seen.extend(more);
        }
    }
}

/// Returns the numbers of the messages and the count of missing ones, and asserts that every notice
/// counts exactly the messages that are missing at its place.
fn consistent(seen: &[Seen]) -> (Vec<usize>, usize) {
    let (mut next, mut told) = (1, 0);
    let mut numbers = Vec::new();
    for one in seen {
        if one.tag == "$lagged" {
            assert_eq!(one.room, "room");
            assert!(one.missed > 0);
            next += one.missed;
            told += one.missed;
        } else {
            assert_eq!(one.n, next, "a hole or a double without a word, after {numbers:?}");
            numbers.push(one.n);
            next += 1;
        }
    }
    (numbers, told)
}

#[tokio::test(start_paused = true)]
async fn a_stalled_member_is_closed_and_the_others_get_everything() {
    const MESSAGES: usize = 60;
    let mut crowd = Crowd::new(Overflow::Close, MEMBERS).await;
    crowd.send(1..=MESSAGES).await;
    // The close frame with its reason comes behind the queued messages, none of which is missing.
    let mut seen = Vec::new();
    let frame = loop {
        match crowd.stalled.recv().await {
            Some(Message::Text(text)) => seen.push(serde_json::from_str::<Seen>(&text).unwrap()),
            Some(Message::Close(frame)) => break frame.unwrap(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!((frame.code, &*frame.reason), (1013, "lagged"));
    let (numbers, told) = consistent(&seen);
    assert_eq!(told, 0);
    assert!((32..MESSAGES).contains(&numbers.len()), "{} messages", numbers.len());
    let cause = crowd.stalled_ws.closed().await;
    assert_eq!((cause.kind, cause.unsent), (CloseKind::Lagged, 0));
    let room = crowd.room.clone();
    until("it has left", || room.len() == MEMBERS - 1).await;
    crowd.send([0]).await;
}

/// It never reads again: it leaves after the write stall, and delays no other member meanwhile.
#[tokio::test(start_paused = true)]
async fn a_member_that_never_reads_again_leaves() {
    let mut crowd = Crowd::new(Overflow::Close, 3).await;
    crowd.send(1..=60).await;
    let cause = crowd.stalled_ws.closed().await;
    assert_eq!(cause.kind, CloseKind::WriteStall);
    assert!(cause.unsent > 0);
    assert_eq!(crowd.room.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn the_oldest_are_dropped_and_the_others_get_everything() {
    const MESSAGES: usize = 60;
    let mut crowd = Crowd::new(Overflow::DropOldest, MEMBERS).await;
    crowd.send(1..=MESSAGES).await;
    let (numbers, told) = consistent(&crowd.read_on().await);
    assert_eq!(numbers.len() + told, MESSAGES);
    assert!(told > 20, "{told} missed");
    assert_eq!(numbers[numbers.len() - BACKLOG..], Vec::from_iter(MESSAGES - BACKLOG + 1..=MESSAGES));
    // From now on it keeps up.
    assert_eq!(crowd.room.broadcast(&Tell::number(0)).unwrap().queued, MEMBERS);
    assert_eq!(crowd.stalled.recv_json::<Seen>().await.tag, "number");
}

#[tokio::test(start_paused = true)]
async fn the_newest_are_dropped_and_the_others_get_everything() {
    const MESSAGES: usize = 60;
    let mut crowd = Crowd::new(Overflow::DropNewest, MEMBERS).await;
    crowd.send(1..=MESSAGES).await;
    let (numbers, told) = consistent(&crowd.read_on().await);
    assert_eq!(numbers.len() + told, MESSAGES);
    assert_eq!(numbers, Vec::from_iter(1..=numbers.len()));
    assert!(told > 20, "{told} missed");
    assert_eq!(crowd.room.broadcast(&Tell::number(0)).unwrap().queued, MEMBERS);
    assert_eq!(crowd.stalled.recv_json::<Seen>().await.tag, "number");
}

/// The last message of each key, the newest last.
#[tokio::test(start_paused = true)]
async fn the_last_of_each_key_is_kept_and_the_others_get_everything() {
    const MESSAGES: usize = 60;
    const KEYS: usize = BACKLOG - 1;
    let by_key = Overflow::coalesce(|tell: &Tell| match tell {
        Tell::Number { n, .. } | Tell::Padded { n, .. } => n % KEYS,
    });
    let mut crowd = Crowd::new(by_key, MEMBERS).await;
    crowd.send(1..=MESSAGES).await;
    let seen = crowd.read_on().await;
    assert!(seen.iter().all(|seen| seen.tag != "$lagged"), "the last of every key is kept");
    let numbers: Vec<usize> = seen.iter().map(|seen| seen.n).collect();
    let (first, last) = numbers.split_at(numbers.len() - KEYS);
    assert_eq!(last, Vec::from_iter(MESSAGES - KEYS + 1..=MESSAGES));
    assert_eq!(first, Vec::from_iter(1..=first.len()));
    assert!(numbers.len() < MESSAGES / 2, "{} came", numbers.len());
    assert_eq!(crowd.room.broadcast(&Tell::number(0)).unwrap().queued, MEMBERS);
    assert_eq!(crowd.stalled.recv_json::<Seen>().await.tag, "number");
}

#[tokio::test(start_paused = true)]
async fn keys_over_the_limit_are_dropped_and_counted() {
    const MESSAGES: usize = 60;
    let by_number = Overflow::coalesce(|tell: &Tell| match tell {
        Tell::Number { n, .. } | Tell::Padded { n, .. } => n.to_string(),
    });
    let mut crowd = Crowd::new(by_number, 3).await;
    crowd.send(1..=MESSAGES).await;
    let (numbers, told) = consistent(&crowd.read_on().await);
    assert_eq!(numbers.len() + told, MESSAGES);
    assert_eq!(numbers[numbers.len() - BACKLOG..], Vec::from_iter(MESSAGES - BACKLOG + 1..=MESSAGES));
}

/// It stops and continues to read in turns, at random: every notice counts exactly the messages
/// that are missing.
#[tokio::test(start_paused = true)]
async fn every_notice_counts_exactly_the_missing_messages() {
    for (seed, overflow) in [(1, Overflow::DropOldest), (2, Overflow::DropNewest)] {
        let mut dice = Dice(seed);
        let mut crowd = Crowd::new(overflow, 3).await;
        let (mut sent, mut seen) = (0, Vec::new());
        for _ in 0..60 {
            let burst = dice.roll(40);
            crowd.send(sent + 1..=sent + burst).await;
            sent += burst;
            for _ in 0..dice.roll(20) {
                if consistent_end(&seen) < sent {
                    seen.push(crowd.stalled.recv_json::<Seen>().await);
                }
            }
        }
        seen.extend(crowd.read_on().await);
        let (numbers, told) = consistent(&seen);
        assert_eq!(numbers.len() + told, sent);
        assert!(told > 100 && numbers.len() > 100, "{told} missed, {} seen", numbers.len());
    }
}

fn consistent_end(seen: &[Seen]) -> usize {
    let (numbers, told) = consistent(seen);
    numbers.len() + told
}

/// Two rooms, each with its own rule, and one connection that lags in both: it gets a notice for
/// each.
#[tokio::test(start_paused = true)]
async fn every_room_has_its_own_rule() {
    let config = at_once().keepalive_interval(None);
    let mut connector = Connector::with(config, |client| client.pipe_capacity(PIPE));
    let rooms = Rooms::<Tell>::with_config_by_name(|name| {
        let overflow = if name == "oldest" { Overflow::DropOldest } else { Overflow::DropNewest };
        RoomConfig::default().overflow(overflow).backlog(BACKLOG)
    });
    let (mut socket, ws) = connector.open().await;
    let memberships = ["oldest", "newest"].map(|name| rooms.join(name, &ws).unwrap());
    for n in 1..=100 {
        for membership in &memberships {
            membership.broadcast(&Tell::padded(n, SIZE)).unwrap();
        }
    }
    let mut told = std::collections::BTreeMap::new();
    let mut last = 0;
    // 200 messages, each seen or counted as missing.
    let mut accounted = 0;
    while accounted < 200 {
        let next: Seen = socket.recv_json().await;
        if next.tag == "$lagged" {
            accounted += next.missed;
            *told.entry(next.room).or_insert(0) += next.missed;
        } else {
            accounted += 1;
            last = last.max(next.n);
        }
    }
    assert_eq!((told.len(), last), (2, 100), "{told:?}");
    mark(&ws);
    assert_eq!(up_to_mark(&mut socket).await, []);
}

/// A member leaves a room and joins it again, on the same connection, while messages wait for it.
#[tokio::test(start_paused = true)]
async fn entering_again_hides_no_missing_messages() {
    let mut crowd = Crowd::new(Overflow::DropOldest, 1).await;
    crowd.send(1..=60).await;
    crowd._seat.enter(&crowd.stalled_ws).unwrap();
    let mut seen = Vec::new();
    crowd.room.broadcast(&Tell::padded(61, SIZE)).unwrap();
    loop {
        let next: Seen = crowd.stalled.recv_json().await;
        let is_last = next.n == 61;
        seen.push(next);
        if is_last {
            break;
        }
    }
    consistent(&seen);
}

/// The handler returns while messages wait for the peer. Those sent before the return go out before
/// the close frame, or a notice does.
#[tokio::test(start_paused = true)]
async fn waiting_messages_go_out_before_the_close_or_are_counted() {
    let mut crowd = Crowd::new(Overflow::DropOldest, 1).await;
    crowd.send(1..=60).await;
    crowd.stalled_ws.close(None).await.unwrap();
    let mut seen = Vec::new();
    loop {
        match crowd.stalled.recv().await {
            Some(Message::Text(text)) => seen.push(serde_json::from_str::<Seen>(&text).unwrap()),
            Some(Message::Close(_)) => break,
            other => panic!("{other:?}"),
        }
    }
    let (numbers, told) = consistent(&seen);
    assert_eq!(numbers.len() + told, 60, "{} came, {told} are told", numbers.len());
}

/// Its handler streams as fast as the peer reads, and the peer reads all the time: the messages of
/// the room still go out.
#[tokio::test(start_paused = true)]
async fn a_handler_that_sends_all_the_time_does_not_starve_its_rooms() {
    for overflow in [Overflow::DropOldest, Overflow::DropNewest] {
        let name = format!("{overflow:?}");
        let config = WebSocketConfig::default().keepalive_interval(None);
        let mut connector = Connector::with(config, |client| client);
        let rooms = rooms_with(RoomConfig::default().overflow(overflow).backlog(BACKLOG));
        let (mut socket, ws) = connector.open().await;
        let membership = rooms.join("room", &ws).unwrap();
        let stream = tokio::spawn(async move { while ws.send_binary(vec![0; 16 << 10]).await.is_ok() {} });
        // The stream has begun: its queue is full.
        for _ in 0..100 {
            assert!(matches!(socket.recv().await, Some(Message::Binary(_))));
        }
        membership.broadcast(&Tell::number(1)).unwrap();
        let mut streamed = 0;
        while let Some(Message::Binary(_)) = socket.recv().await {
            streamed += 1;
            assert!(streamed < 2_000, "{name}: {} MiB were streamed past the broadcast", streamed >> 6);
        }
        stream.abort();
    }
}
