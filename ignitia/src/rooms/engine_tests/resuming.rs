//! Clients that come back to rooms whose history the engine has.

use std::time::Duration;

use super::{Nodes, texts};
use crate::{
    engine::{FeedEvent, Missed, Place},
    message::Message,
    rooms::{History, Membership, Position, ResumeOutcome, RoomConfig},
    testing::TestSocket,
};

fn remembering() -> RoomConfig<Message> {
    RoomConfig::default().history(History::default())
}

/// Publishes numbered messages on the first node.
fn say(nodes: &Nodes, numbers: std::ops::RangeInclusive<usize>) {
    for n in numbers {
        nodes.rooms[0].room("room").broadcast(&Message::from(format!(r#"{{"n":{n}}}"#))).unwrap();
    }
}

/// Returns the position of each message.
async fn positions(nodes: &Nodes) -> Vec<Position> {
    let all = nodes.rooms[0].room("room").fetch_history(None, 1_000).await.unwrap();
    all.iter().map(|one| one.at()).collect()
}

/// Returns the numbers of messages.
fn numbers(texts: &[String]) -> Vec<usize> {
    let number = |text: &String| text.trim_start_matches("{\"n\":").split(',').next()?.parse().ok();
    texts.iter().filter_map(number).collect()
}

/// Polls a future once: it waits for the engine.
async fn begin<F: Future + Unpin>(future: &mut F) {
    tokio::select! {
        biased;
        _ = future => panic!("it waits for nothing"),
        () = std::future::ready(()) => {}
    }
}

/// Member, with its connection.
type Seat = (Membership<Message, String>, TestSocket);

/// Resumes on a node while the engine hands on everything.
async fn resume(nodes: &mut Nodes, node: usize, from: Option<Position>) -> (ResumeOutcome, Vec<usize>, Seat) {
    let (mut socket, ws) = nodes.open().await;
    let mut membership = nodes.rooms[node].reserve("room");
    let resumed = {
        let mut resuming = std::pin::pin!(membership.resume(&ws, String::new(), from));
        loop {
            tokio::select! {
                biased;
                resumed = &mut resuming => break resumed.unwrap(),
                () = std::future::ready(()) => nodes.engine.run(),
            }
            tokio::task::yield_now().await;
        }
    };
    nodes.engine.run();
    let mut seen = texts(&mut socket, &ws).await;
    // What was recovered moves on as the transport takes it, before or behind the mark.
    seen.extend(texts(&mut socket, &ws).await);
    (resumed, numbers(&seen), (membership, socket))
}

#[tokio::test]
async fn a_client_gets_what_it_missed_on_another_node() {
    let mut nodes = Nodes::new(2, remembering);
    say(&nodes, 1..=5);
    let at = positions(&nodes).await;
    let (resumed, seen, first) = resume(&mut nodes, 1, Some(at[1])).await;
    assert_eq!((resumed, seen), (ResumeOutcome::Recovered(3), vec![3, 4, 5]));
    assert_eq!(first.0.position(), Some(at[4]));
    // What was read is here for the next ones.
    let reads = nodes.engine.reads();
    for (from, missed) in [(at[1], vec![3, 4, 5]), (at[3], vec![5]), (at[4], vec![])] {
        let (resumed, seen, _) = resume(&mut nodes, 1, Some(from)).await;
        assert_eq!((resumed, seen), (ResumeOutcome::Recovered(missed.len()), missed));
    }
    assert_eq!(nodes.engine.reads(), reads);
    let (resumed, seen, _) = resume(&mut nodes, 1, None).await;
    assert_eq!((resumed, seen), (ResumeOutcome::Fresh, vec![]));
}

#[tokio::test]
async fn a_position_that_the_engine_does_not_know_is_lost() {
    let mut nodes = Nodes::new(2, remembering);
    say(&nodes, 1..=5);
    let at = positions(&nodes).await;
    let Position { epoch, offset } = at[2];
    let strange = [
        Position { epoch: epoch ^ 1, offset },
        Position { epoch: epoch ^ 1 << 32, offset },
        Position { epoch, offset: offset + 1 },
        Position { epoch, offset: 6 },
    ];
    for position in strange {
        let (resumed, seen, _) = resume(&mut nodes, 1, Some(position)).await;
        assert_eq!((resumed, seen), (ResumeOutcome::Lost(Some(at[4])), vec![]), "{position}");
    }
}

/// Thousands that have seen less than the history has ask the engine a few times in all.
#[tokio::test]
async fn a_herd_asks_the_engine_a_few_times() {
    let mut nodes = Nodes::new(2, remembering);
    say(&nodes, 1..=50);
    let at = positions(&nodes).await;
    nodes.engine.forget("room", 10);
    let keeper = resume(&mut nodes, 1, Some(at[49])).await;
    let reads = nodes.engine.reads();
    let mut seats = Vec::new();
    for n in [9, 8, 7, 3, 0, 5, 2, 10, 11, 40, 48] {
        let (resumed, seen, seat) = resume(&mut nodes, 1, Some(at[n])).await;
        match n {
            0..10 => assert_eq!((resumed, seen), (ResumeOutcome::Lost(Some(at[49])), vec![])),
            _ => assert_eq!((resumed, seen), (ResumeOutcome::Recovered(49 - n), (n + 2..=50).collect())),
        }
        seats.push(seat);
    }
    assert_eq!(nodes.engine.reads() - reads, 2, "one that is lost, and all that is there");
    drop(keeper);
}

/// A history that is larger than what this node may hold is sent all the same.
#[tokio::test]
async fn what_was_read_need_not_fit_into_the_memory_here() {
    let few = || RoomConfig::default().history(History::default().bytes(100));
    let mut nodes = Nodes::new(2, few);
    say(&nodes, 1..=20);
    let at = positions(&nodes).await;
    let (resumed, seen, _) = resume(&mut nodes, 1, Some(at[0])).await;
    assert_eq!((resumed, seen), (ResumeOutcome::Recovered(19), (2..=20).collect()));
}

/// Messages come while the history is read, and the node has not heard the last ones of it.
#[tokio::test]
async fn nothing_is_missing_between_what_was_read_and_what_is_heard() {
    let mut nodes = Nodes::new(2, remembering);
    let watch = nodes.rooms[1].room("room").watch();
    nodes.engine.run();
    say(&nodes, 1..=3);
    nodes.engine.run();
    say(&nodes, 4..=6);
    let at = positions(&nodes).await;
    // The client has seen more than this node has.
    let (mut socket, ws) = nodes.open().await;
    let mut membership = nodes.rooms[1].reserve("room");
    {
        let mut resuming = Box::pin(membership.resume(&ws, String::new(), Some(at[3])));
        begin(&mut resuming).await;
        say(&nodes, 7..=8);
        nodes.engine.run();
        assert_eq!(resuming.await.unwrap(), ResumeOutcome::Recovered(4));
    }
    say(&nodes, 9..=9);
    nodes.engine.run();
    let mut seen = texts(&mut socket, &ws).await;
    seen.extend(texts(&mut socket, &ws).await);
    assert_eq!(numbers(&seen), [5, 6, 7, 8, 9]);
    drop(watch);
}

#[tokio::test(start_paused = true)]
async fn a_client_may_try_again_if_the_engine_is_away() {
    let mut nodes = Nodes::new(2, remembering);
    say(&nodes, 1..=3);
    let at = positions(&nodes).await;
    let (mut socket, ws) = nodes.open().await;
    let mut membership = nodes.rooms[1].reserve("room");
    let from = crate::rooms::Resume::from(at[0]);
    let began = tokio::time::Instant::now();
    assert!(membership.resume(&ws, String::new(), from.clone()).await.unwrap_err().is_unavailable());
    assert!(began.elapsed() >= Duration::from_secs(5), "the engine never told where the room is");
    assert_eq!(nodes.rooms[1].len(), 0);
    assert_eq!(nodes.engine.feeds(), 2, "the room is not kept");
    let watch = nodes.rooms[1].room("room").watch();
    nodes.engine.run();
    nodes.engine.set_away(true);
    assert!(membership.resume(&ws, String::new(), from.clone()).await.unwrap_err().is_unavailable());
    nodes.engine.set_away(false);
    // One that gives up has used nothing, either.
    let mut given_up = nodes.rooms[1].reserve("elsewhere");
    begin(&mut Box::pin(given_up.resume(&ws, String::new(), from.clone()))).await;
    let resumed = membership.resume(&ws, String::new(), from.clone()).await.unwrap();
    assert_eq!(resumed, ResumeOutcome::Recovered(2));
    let mut seen = texts(&mut socket, &ws).await;
    seen.extend(texts(&mut socket, &ws).await);
    assert_eq!(numbers(&seen), [2, 3]);
    drop(watch);
}

#[tokio::test]
async fn another_life_of_the_room_is_no_place_to_go_on() {
    let mut nodes = Nodes::new(2, remembering);
    say(&nodes, 1..=3);
    let at = positions(&nodes).await;
    let watch = nodes.rooms[1].room("room").watch();
    nodes.engine.run();
    let fresh = Place { epoch: 9, offset: 3, tag: 1 };
    nodes.engine.tell(2, "room", FeedEvent::Restarted { at: fresh, missed: Missed::Unknown });
    let reads = nodes.engine.reads();
    let (resumed, seen, _) = resume(&mut nodes, 1, Some(at[2])).await;
    let now = Position { epoch: 9 << 32 | 1, offset: 3 };
    assert_eq!((resumed, seen), (ResumeOutcome::Lost(Some(now)), vec![]));
    assert_eq!(nodes.engine.reads(), reads, "that is known here");
    drop(watch);
}
