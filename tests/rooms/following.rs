//! Clients that are cut off at random and resume: the whole sequence, once, in order.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use ignitia::{
    prelude::*,
    rooms::{Overflow, ParsePositionError, ResumeOutcome, RoomConfig},
    testing::{TestClient, TestSocket},
    websocket::WebSocketConfig,
};

use super::{
    Seen, Tell,
    resume::{all, remembering},
    rooms_with,
};
use crate::support::{Dice, until, within};

#[derive(serde::Deserialize)]
struct Since {
    at: Option<String>,
}

/// Resumes and forwards, as a real endpoint does.
#[websocket("/feed")]
async fn feed(
    Query(since): Query<Since>,
    rooms: Rooms<Tell>,
    mut ws: WebSocketConnection,
) -> Result<Response> {
    let mut membership = rooms.reserve("room");
    let position = match since.at.as_deref().map(str::parse).transpose() {
        Ok(position) => position,
        Err(ParsePositionError { .. }) => return Ok(Response::bad_request("no position")),
    };
    let resumed = membership.resume(&ws, (), position).await?;
    if let ResumeOutcome::Lost(_) = resumed {
        ws.send_text(r#"{"type":"lost"}"#).await?;
    }
    while ws.recv().await.is_some() {}
    Ok(Response::ok())
}

/// A client that remembers the last position that it has seen.
#[derive(Default)]
struct Follower {
    at: Option<String>,
    seen: Vec<usize>,
}

impl Follower {
    async fn connect(&self, client: &TestClient) -> TestSocket {
        match &self.at {
            Some(at) => client.connect(&format!("/feed?at={at}")).await,
            None => client.connect("/feed").await,
        }
    }

    /// Reads the next message; returns false at a notice of missing messages, when the client
    /// should resume.
    async fn read(&mut self, socket: &mut TestSocket) -> bool {
        let next: Seen = socket.recv_json().await;
        if next.tag == "$lagged" {
            return false;
        }
        assert_ne!(next.tag, "lost");
        self.seen.push(next.n);
        self.at = next.at;
        assert!(self.at.is_some());
        true
    }
}

fn feed_of(rooms: &Rooms<Tell>) -> TestClient {
    feed_with(rooms, WebSocketConfig::default())
}

fn feed_with(rooms: &Rooms<Tell>, config: WebSocketConfig) -> TestClient {
    TestClient::new(Router::new().state(rooms.clone()).mount(feed).websocket_config(config)).unwrap()
}

#[tokio::test]
async fn a_malformed_position_is_refused_by_the_endpoint() {
    let rooms = remembering(all());
    let client = feed_of(&rooms);
    let refused = client.request("/feed?at=here").rejection().await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(rooms.is_empty());
    assert_eq!(client.connect("/feed?at=1.1").await.recv_text().await, r#"{"type":"lost"}"#);
}

async fn cut(mut socket: TestSocket, how: usize) {
    match how {
        0 => drop(socket),
        1 => socket.reset(),
        2 => {
            socket.close(1000, "").await;
            // Messages before the answer are lost.
            drop(socket);
        }
        _ => {
            let _ = socket.half_close().await;
            drop(socket);
        }
    }
}

/// Cuts a client off at random and resumes at its last position: it sees the whole sequence, once,
/// in order.
async fn follows(seed: u64, rounds: usize, overflow: Overflow<Tell>, backlog: usize) -> usize {
    let mut dice = Dice(seed);
    let rooms = rooms_with(RoomConfig::default().overflow(overflow).backlog(backlog).history(all()));
    // A full queue makes a member slow at once.
    let client = feed_with(&rooms, WebSocketConfig::default().outbox_burst(1));
    let keeper_socket = client.connect("/feed").await;
    until("the room is there", || rooms.room("room").len() == 1).await;
    let room = rooms.room("room");
    let mut follower = Follower { at: room.position().map(|at| at.to_string()), seen: Vec::new() };
    // The keeper reads nothing: it is only there until the room has a history.
    let (mut sent, mut lagged) = (1, 0);
    room.broadcast(&Tell::number(1)).unwrap();
    drop(keeper_socket);
    let send = |dice: &mut Dice, sent: &mut usize| {
        for _ in 0..dice.roll(40) {
            *sent += 1;
            room.broadcast(&Tell::padded(*sent, dice.roll(8_000))).unwrap();
        }
    };
    send(&mut dice, &mut sent);
    for _ in 0..rounds {
        send(&mut dice, &mut sent);
        let mut socket = follower.connect(&client).await;
        for _ in 0..dice.roll(5) {
            if dice.roll(2) == 0 {
                send(&mut dice, &mut sent);
            }
            for _ in 0..dice.roll(30) {
                if follower.seen.len() < sent && !follower.read(&mut socket).await {
                    lagged += 1;
                    socket = follower.connect(&client).await;
                }
            }
            for _ in 0..dice.roll(3) {
                tokio::task::yield_now().await;
            }
        }
        cut(socket, dice.roll(4)).await;
    }
    let mut socket = follower.connect(&client).await;
    while follower.seen.len() < sent {
        if !follower.read(&mut socket).await {
            lagged += 1;
            socket = follower.connect(&client).await;
        }
    }
    assert_eq!(follower.seen, (1..=sent).collect::<Vec<_>>(), "seed {seed}");
    assert!(sent > rounds);
    lagged
}

#[tokio::test]
async fn a_client_cut_at_random_sees_every_message_once() {
    for seed in 1..=8 {
        assert_eq!(follows(seed, 40, Overflow::Close, 1 << 20).await, 0);
    }
}

/// In rooms that drop messages, too, if the client resumes at every notice.
#[tokio::test]
async fn a_client_that_resumes_when_it_lags_sees_every_message_once() {
    let mut lagged = [0; 3];
    for seed in 1..=4 {
        let by_number = Overflow::coalesce(|tell: &Tell| match tell {
            Tell::Number { n, .. } | Tell::Padded { n, .. } => *n,
        });
        let policies = [Overflow::DropOldest, Overflow::DropNewest, by_number];
        for (overflow, lagged) in policies.into_iter().zip(&mut lagged) {
            *lagged += follows(seed, 30, overflow, 4).await;
        }
    }
    assert!(lagged.iter().all(|lagged| *lagged > 0), "{lagged:?}");
}

/// The same while other threads send all the time.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_client_cut_at_random_while_others_send_sees_every_message_once() {
    const FOLLOWERS: u64 = 4;
    const MESSAGES: usize = 3_000;
    let rooms = rooms_with(RoomConfig::default().backlog(1 << 20).history(all()));
    let client = feed_of(&rooms);
    let keeper = client.connect("/feed").await;
    until("the room is there", || rooms.room("room").len() == 1).await;
    let start = rooms.room("room").position().map(|at| at.to_string());
    rooms.room("room").broadcast(&Tell::number(1)).unwrap();
    drop(keeper);
    let sent = Arc::new(AtomicUsize::new(1));
    let mut tasks = tokio::task::JoinSet::new();
    for seed in 1..=FOLLOWERS {
        let (client, start, sent) = (client.clone(), start.clone(), sent.clone());
        tasks.spawn(async move {
            let mut dice = Dice(seed);
            let mut follower = Follower { at: start, seen: Vec::new() };
            while follower.seen.len() < MESSAGES {
                let mut socket = follower.connect(&client).await;
                for _ in 0..dice.roll(200) {
                    // Every message sent by now must come.
                    while follower.seen.len() >= sent.load(Ordering::Acquire)
                        && follower.seen.len() < MESSAGES
                    {
                        tokio::task::yield_now().await;
                    }
                    if follower.seen.len() == MESSAGES {
                        break;
                    }
                    assert!(follower.read(&mut socket).await);
                }
                cut(socket, dice.roll(4)).await;
            }
            assert_eq!(follower.seen, (1..=MESSAGES).collect::<Vec<_>>(), "follower {seed}");
        });
    }
    let room = rooms.room("room");
    tasks.spawn(async move {
        for n in 2..=MESSAGES {
            room.broadcast(&Tell::padded(n, n % 700)).unwrap();
            sent.store(n, Ordering::Release);
            if n % 7 == 0 {
                tokio::task::yield_now().await;
            }
        }
    });
    within("the whole sequence", async {
        while let Some(task) = tasks.join_next().await {
            task.unwrap();
        }
    })
    .await;
}
