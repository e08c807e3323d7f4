//! Resuming: a member gets exactly what it missed, once, or `Lost`; messages are never missing
//! silently.

use std::time::Duration;

use ignitia::{
    prelude::*,
    rooms::{History, Overflow, Position, ResumeOutcome, RoomConfig},
    testing::TestSocket,
};

use super::{Connector, Seen, Tell, counts, mark, rooms_with, up_to_mark};

pub(super) fn remembering(history: History) -> Rooms<Tell> {
    rooms_with(RoomConfig::default().history(history))
}

/// Returns a history that forgets nothing during a test.
pub(super) fn all() -> History {
    History::default().messages(1 << 20).bytes(1 << 30).age(Duration::from_secs(3600))
}

pub(super) fn at(epoch: &str, offset: u64) -> Position {
    format!("{epoch}.{offset}").parse().unwrap()
}

pub(super) fn epoch(position: Position) -> String {
    position.to_string().split_once('.').unwrap().0.to_owned()
}

pub(super) fn numbers(seen: &[Seen]) -> Vec<usize> {
    seen.iter().map(|seen| seen.n).collect()
}

/// Joins a connection that keeps the room.
pub(super) async fn keep(connector: &mut Connector, rooms: &Rooms<Tell>) -> (TestSocket, Membership<Tell>) {
    let (socket, ws) = connector.open().await;
    (socket, rooms.join("room", &ws).unwrap())
}

/// Resumes on a new connection.
pub(super) async fn come_back(
    connector: &mut Connector,
    rooms: &Rooms<Tell>,
    position: Option<Position>,
) -> (ResumeOutcome, Vec<Seen>, TestSocket, Membership<Tell>) {
    let (mut socket, ws) = connector.open().await;
    let mut membership = rooms.reserve("room");
    let resumed = membership.resume(&ws, (), position).await.unwrap();
    mark(&ws);
    let seen = up_to_mark(&mut socket).await;
    (resumed, seen, socket, membership)
}

#[tokio::test]
async fn a_member_that_resumes_gets_what_it_missed_and_then_live_messages() {
    let mut connector = Connector::new();
    let rooms = remembering(all());
    let (_keeper, keeper) = keep(&mut connector, &rooms).await;
    let epoch = epoch(keeper.position().unwrap());
    for n in 1..=5 {
        keeper.broadcast(&Tell::number(n)).unwrap();
    }
    for (offset, expected) in [(0, vec![1, 2, 3, 4, 5]), (3, vec![4, 5]), (5, vec![])] {
        let (resumed, seen, mut socket, back) =
            come_back(&mut connector, &rooms, Some(at(&epoch, offset))).await;
        assert_eq!(resumed, ResumeOutcome::Recovered(expected.len()));
        assert_eq!(numbers(&seen), expected);
        back.send_to(back.id().unwrap(), &Tell::number(6)).unwrap();
        assert_eq!(socket.recv_json::<Seen>().await.n, 6);
    }
    let (resumed, seen, _socket, _back) = come_back(&mut connector, &rooms, None).await;
    assert_eq!((resumed, seen), (ResumeOutcome::Fresh, vec![]));
}

/// The message is in the history for every member.
#[tokio::test]
async fn an_excluded_member_gets_the_message_when_it_resumes() {
    let mut connector = Connector::new();
    let rooms = remembering(all());
    let (_keeper, keeper) = keep(&mut connector, &rooms).await;
    let start = keeper.position();
    assert_eq!(counts(keeper.broadcast_to_others(&Tell::number(1)).unwrap()), (0, 0, 0));
    let (resumed, seen, ..) = come_back(&mut connector, &rooms, start).await;
    assert_eq!((resumed, numbers(&seen)), (ResumeOutcome::Recovered(1), vec![1]));
}

#[tokio::test]
async fn forgotten_messages_are_reported_as_lost() {
    let mut connector = Connector::new();
    let rooms = remembering(all().messages(3));
    let (_keeper, keeper) = keep(&mut connector, &rooms).await;
    let epoch = epoch(keeper.position().unwrap());
    for n in 1..=10 {
        keeper.broadcast(&Tell::number(n)).unwrap();
    }
    let lost = ResumeOutcome::Lost(keeper.position());
    assert_eq!(lost, ResumeOutcome::Lost(Some(at(&epoch, 10))));
    let other = at(&format!("{:x}", u64::from_str_radix(&epoch, 16).unwrap() ^ 1), 9);
    for (position, expected, seen) in [
        (at(&epoch, 7), ResumeOutcome::Recovered(3), vec![8, 9, 10]),
        (at(&epoch, 6), lost, vec![]),
        (at(&epoch, 0), lost, vec![]),
        (at(&epoch, 11), lost, vec![]),
        (at(&epoch, u64::MAX), lost, vec![]),
        (at("0", 0), lost, vec![]),
        (other, lost, vec![]),
    ] {
        let (resumed, came, mut socket, back) = come_back(&mut connector, &rooms, Some(position)).await;
        assert_eq!((resumed, numbers(&came)), (expected, seen), "{position}");
        // It is in the room all the same.
        back.send_to(back.id().unwrap(), &Tell::number(0)).unwrap();
        socket.recv_text().await;
    }
}

#[tokio::test]
async fn a_room_without_a_history_reports_lost() {
    let mut connector = Connector::new();
    let rooms = rooms_with(RoomConfig::default());
    let (_keeper, keeper) = keep(&mut connector, &rooms).await;
    assert_eq!(keeper.position(), None);
    keeper.broadcast(&Tell::number(1)).unwrap();
    let (resumed, seen, ..) = come_back(&mut connector, &rooms, Some(at("1", 1))).await;
    assert_eq!((resumed, seen), (ResumeOutcome::Lost(None), vec![]));
}

/// The member reads all the time, and would be closed as slow: the missed messages fill its queue
/// before it can read.
#[tokio::test]
async fn a_long_absence_does_not_count_as_slowness() {
    const MISSED: usize = 900;
    let mut connector = Connector::new();
    // The defaults, except for the bytes: 900 messages of 1 KiB are within the default of 1 MiB,
    // too.
    let rooms = remembering(History::default());
    let room = rooms.room("room");
    let (_keeper, keeper) = keep(&mut connector, &rooms).await;
    let start = keeper.position();
    keeper.broadcast(&Tell::number(1)).unwrap();
    drop(keeper);
    for n in 2..=MISSED {
        room.broadcast(&Tell::padded(n, 1_000)).unwrap();
    }
    let (mut socket, ws) = connector.open().await;
    let mut membership = rooms.reserve("room");
    assert_eq!(membership.resume(&ws, (), start).await.unwrap(), ResumeOutcome::Recovered(MISSED));
    // Before it could read anything.
    room.broadcast(&Tell::number(MISSED + 1)).unwrap();
    for n in 1..=MISSED + 1 {
        match socket.recv().await {
            Some(Message::Text(text)) => assert_eq!(serde_json::from_str::<Seen>(&text).unwrap().n, n),
            other => panic!("{other:?} in place of message {n}"),
        }
    }
}

/// Under every policy `Recovered` means that it gets every message: live messages do not push them
/// out, and are not counted as missing meanwhile.
async fn recovers_under(overflow: Overflow<Tell>) {
    const MISSED: usize = 300;
    let mut connector = Connector::new();
    let rooms = rooms_with(RoomConfig::default().overflow(overflow).backlog(16).history(all()));
    let (_keeper, keeper) = keep(&mut connector, &rooms).await;
    let start = keeper.position();
    keeper.broadcast(&Tell::number(0)).unwrap();
    drop(keeper);
    let room = rooms.room("room");
    for n in 1..MISSED {
        room.broadcast(&Tell::padded(n, 1_000)).unwrap();
    }
    let (mut socket, ws) = connector.open().await;
    let mut membership = rooms.reserve("room");
    assert_eq!(membership.resume(&ws, (), start).await.unwrap(), ResumeOutcome::Recovered(MISSED));
    membership.broadcast(&Tell::number(MISSED)).unwrap();
    for n in 0..=MISSED {
        let next: Seen = socket.recv_json().await;
        assert_eq!((&*next.tag == "$lagged", next.n), (false, n), "{next:?}");
    }
}

#[tokio::test]
async fn recovered_messages_are_not_dropped_as_oldest() {
    recovers_under(Overflow::DropOldest).await;
}

#[tokio::test]
async fn a_live_message_behind_recovered_ones_is_not_dropped_as_newest() {
    recovers_under(Overflow::DropNewest).await;
}

#[tokio::test]
async fn recovered_messages_are_not_coalesced() {
    recovers_under(Overflow::coalesce(|tell: &Tell| match tell {
        Tell::Number { n, .. } | Tell::Padded { n, .. } => *n,
    }))
    .await;
}

/// The notice of live messages that are given up stands behind the recovered ones, not before.
#[tokio::test]
async fn missing_messages_are_reported_at_their_place() {
    const MISSED: usize = 300;
    let mut connector = Connector::new();
    let overflow = Overflow::DropNewest;
    let rooms = rooms_with(RoomConfig::default().overflow(overflow).backlog(16).history(all()));
    let (_keeper, keeper) = keep(&mut connector, &rooms).await;
    let start = keeper.position();
    keeper.broadcast(&Tell::number(1)).unwrap();
    drop(keeper);
    for n in 2..=MISSED {
        rooms.room("room").broadcast(&Tell::padded(n, 1_000)).unwrap();
    }
    let (mut socket, ws) = connector.open().await;
    let mut membership = rooms.reserve("room");
    membership.resume(&ws, (), start).await.unwrap();
    for n in 1..=5 {
        membership.broadcast(&Tell::number(MISSED + n)).unwrap();
    }
    let mut expected = 1;
    while expected <= MISSED + 5 {
        let next: Seen = socket.recv_json().await;
        if next.tag == "$lagged" {
            expected += next.missed;
        } else {
            assert_eq!(next.n, expected, "a hole or a double without a word");
            expected += 1;
        }
    }
}
