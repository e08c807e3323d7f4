//! Policies of rooms for outages.

use std::time::{Duration, Instant};

use ignitia::engine::EngineStatus;
use tests::engine_app::{Ask, Tell};

use crate::support::{Machines, Visit};

#[tokio::test]
async fn a_room_that_fails_at_once_delivers_to_no_member() {
    let machines = Machines::start(2).await;
    let room = "history+fail-1";
    let mut members = machines.member_on_each(room).await;
    machines.publish(0, room, [1]).await;
    machines.proxies[0].refuse(true);
    machines.nodes[0].status(EngineStatus::Down).await;
    let here = machines.nodes[0].rooms.room(room);
    let began = Instant::now();
    assert!(here.broadcast(&Tell::number(2)).unwrap_err().is_unavailable());
    assert!(here.publish(&Tell::number(2)).await.unwrap_err().is_unavailable());
    // A handler answers, too.
    members[0].ask(&Ask::Say { n: 2 });
    members[0].reply(2).await.unwrap_err();
    members[0].ask(&Ask::Publish { n: 3 });
    members[0].reply(3).await.unwrap_err();
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    machines.proxies[0].refuse(false);
    machines.nodes[0].status(EngineStatus::Up).await;
    machines.publish(0, room, [4]).await;
    for member in &mut members {
        assert_eq!(member.numbers_up_to(4).await, [1, 4]);
    }
}

#[tokio::test]
async fn a_room_that_queues_does_so_up_to_its_limits() {
    let machines = Machines::start(2).await;
    // By default 1,000 messages, for five seconds.
    let room = "history-1";
    let mut members = machines.member_on_each(room).await;
    machines.proxies[0].refuse(true);
    machines.nodes[0].status(EngineStatus::Down).await;
    let here = machines.nodes[0].rooms.room(room);
    let accepted = (0..1_500).take_while(|n| here.broadcast(&Tell::number(*n)).is_ok()).count();
    assert_eq!(accepted, 1_000);
    // Other rooms have limits of their own.
    let other = machines.nodes[0].rooms.room("history-2");
    assert!(other.broadcast(&Tell::number(1)).unwrap().handed_on);
    // Members come and go meanwhile.
    let mut late = machines.member(0, &Visit::new("plain-1", "late")).await;
    late.mark().await;
    machines.proxies[0].refuse(false);
    machines.nodes[0].status(EngineStatus::Up).await;
    machines.publish(0, room, [1_000]).await;
    for member in &mut members {
        assert!(member.numbers(1_001).await.iter().copied().eq(0..=1_000));
    }
}

#[tokio::test]
async fn a_room_that_queues_does_so_for_its_time() {
    let machines = Machines::start(1).await;
    let room = "history-1";
    let mut member = machines.member(0, &Visit::new(room, "ann")).await;
    machines.proxies[0].refuse(true);
    machines.nodes[0].status(EngineStatus::Down).await;
    let down = Instant::now();
    let here = machines.nodes[0].rooms.room(room);
    let mut accepted = 0;
    // A publication in the queue fails when its time is over.
    let waiting = here.publish(&Tell::number(0));
    let broadcasting = async {
        loop {
            match here.broadcast(&Tell::number(accepted + 1)) {
                Ok(_) => accepted += 1,
                Err(error) => return error,
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let (waited, error) = tokio::join!(waiting, broadcasting);
    assert!(error.is_unavailable(), "{error:?}");
    assert!(down.elapsed() > Duration::from_secs(4), "{:?}", down.elapsed());
    assert!(waited.unwrap_err().is_unavailable());
    machines.proxies[0].refuse(false);
    machines.nodes[0].status(EngineStatus::Up).await;
    machines.publish(0, room, [1_000]).await;
    // Those that were accepted are there, in order; the outcome of the first was not known.
    let numbers = member.numbers_up_to(1_000).await;
    let known: Vec<u64> = numbers.iter().copied().filter(|n| *n != 0).collect();
    assert!(known.iter().copied().eq((1..=accepted).chain([1_000])), "{numbers:?}");
}
