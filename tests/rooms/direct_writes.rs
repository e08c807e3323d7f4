//! Direct writes: broadcasts to members whose connection tasks rest.

use std::time::Duration;

use ignitia::{Room, prelude::*, rooms::Rooms, websocket::WebSocketConfig};
use tokio::task::JoinSet;

use super::{Seen, Tell, sockets::stay};
use crate::support::{
    DEADLINE, PING, PONG, RawSocket, Running, TEXT, Transport, frame, heap, is_alone, until, within,
};

const MEMBERS: usize = 5;

/// Number of messages of each sender.
const MESSAGES: usize = 500;

/// Opens a room whose members rest.
async fn resting_members(transport: Transport) -> (Running, Room<Tell>, Vec<RawSocket>) {
    let rooms = Rooms::<Tell>::new();
    let config = WebSocketConfig::default().keepalive_interval(None);
    let router = Router::new().state(rooms.clone()).websocket("/", stay).websocket_config(config);
    let server = transport.serve(router).await;
    let mut members = Vec::new();
    for _ in 0..MEMBERS {
        members.push(server.open("/").await);
    }
    let room = rooms.room("room");
    until("all are in", || room.len() == MEMBERS).await;
    (server, room, members)
}

async fn seen(member: &mut RawSocket) -> Seen {
    let frame = member.frame().await;
    assert_eq!(frame.opcode, TEXT);
    serde_json::from_slice(&frame.payload).unwrap()
}

#[tokio::test]
async fn a_thread_without_a_runtime_reaches_all_members() {
    for transport in Transport::ALL {
        let (_server, room, mut members) = resting_members(transport).await;
        for n in 0..3 {
            let sender = room.clone();
            let delivered = std::thread::spawn(move || sender.broadcast(&Tell::number(n))).join().unwrap();
            assert_eq!(delivered.unwrap().queued, MEMBERS);
            for member in &mut members {
                assert_eq!(seen(member).await.n, n, "{transport:?}");
            }
        }
    }
}

/// The sender's runtime may have no turn for other tasks for as long as the sender runs.
#[tokio::test]
async fn a_sender_in_another_runtime_reaches_all_members_at_once() {
    for transport in Transport::ALL {
        let (_server, room, mut members) = resting_members(transport).await;
        let (done, wait) = std::sync::mpsc::channel::<()>();
        let sender = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(async {
                assert_eq!(room.broadcast(&Tell::number(7)).unwrap().queued, MEMBERS);
                wait.recv().unwrap_err();
            });
        });
        for member in &mut members {
            assert_eq!(seen(member).await.n, 7, "{transport:?}");
        }
        drop(done);
        sender.join().unwrap();
    }
}

/// Threads, tasks and the members' own tasks write to the same connections. Each member receives
/// all messages, those of each sender in order, also one that reads late.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_sender_keeps_its_order_whoever_writes() {
    let (_server, room, members) = resting_members(Transport::Plain).await;
    let mut senders = JoinSet::new();
    for from in 0..2 {
        let room = room.clone();
        senders.spawn(async move {
            for n in 0..MESSAGES {
                room.broadcast(&Tell::Number { from, n }).unwrap();
                if n % 3 == 0 {
                    tokio::task::yield_now().await;
                }
            }
        });
    }
    let thread = std::thread::spawn(move || {
        for n in 0..MESSAGES {
            room.broadcast(&Tell::Number { from: 2, n }).unwrap();
            std::thread::yield_now();
        }
    });
    let mut readers = JoinSet::new();
    for (at, mut member) in members.into_iter().enumerate() {
        readers.spawn(async move {
            let mut next = [0; 3];
            for n in 0..3 * MESSAGES {
                if at == 0 && n % 100 == 0 {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                let message = seen(&mut member).await;
                assert_eq!(message.n, next[message.from], "of sender {}", message.from);
                next[message.from] += 1;
            }
            assert_eq!(next, [MESSAGES; 3]);
        });
    }
    within("the senders", senders.join_all()).await;
    within("the readers", readers.join_all()).await;
    thread.join().unwrap();
}

/// Nothing but the burst itself comes up, and no member's task is polled for it.
#[tokio::test]
async fn the_memory_of_a_burst_is_given_back() {
    const BURST: usize = 200;

    async fn burst(room: &Room<Tell>, members: &mut [RawSocket]) {
        for n in 0..BURST {
            room.broadcast(&Tell::padded(n, 100)).unwrap();
        }
        for member in members {
            for n in 0..BURST {
                assert_eq!(seen(member).await.n, n);
            }
        }
    }

    if !is_alone("rooms::direct_writes::the_memory_of_a_burst_is_given_back") {
        return;
    }
    let (_server, room, mut members) = resting_members(Transport::Plain).await;
    // The peers have their memory from then on, and the members' tasks are polled for the pings.
    burst(&room, &mut members).await;
    for member in &mut members {
        member.send(&frame(0x80 | PING, b"")).await;
        assert_eq!(member.frame().await.opcode, PONG);
    }
    let before = heap();
    burst(&room, &mut members).await;
    let held = heap().saturating_sub(before);
    assert!(held < MEMBERS * 4_096, "{held} bytes are held");
}

/// The broadcaster's worker is blocked until the members have received the message, all but the one
/// whose task that worker keeps to itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broadcaster_that_blocks_does_not_hold_up_the_members() {
    let (_server, room, members) = resting_members(Transport::Plain).await;
    let (received, receipts) = std::sync::mpsc::channel();
    let mut readers = JoinSet::new();
    for mut member in members {
        let received = received.clone();
        readers.spawn(async move {
            let n = seen(&mut member).await.n;
            // The broadcaster does not wait for the last one.
            let _ = received.send(n);
        });
    }
    let broadcaster = tokio::spawn(async move {
        room.broadcast(&Tell::number(7)).unwrap();
        for _ in 1..MEMBERS {
            assert_eq!(receipts.recv_timeout(DEADLINE), Ok(7));
        }
    });
    within("the broadcaster", broadcaster).await.unwrap();
    within("the readers", readers.join_all()).await;
}
