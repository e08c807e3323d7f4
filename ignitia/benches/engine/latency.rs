//! Time from a publication to a member on another node, at a thousand messages a second, beside
//! `PUBLISH` to a subscriber.

use std::time::{Duration, Instant};

use futures_util::StreamExt;
use ignitia::prelude::*;
use tokio::{runtime::Runtime, sync::mpsc, time::interval};

use super::{
    member::{Member, text},
    nodes::{Node, app},
    promise::{Promise, ROUNDS, median},
    redis_server::RedisServer,
};

const MESSAGES: usize = 2_000;
const PERIOD: Duration = Duration::from_millis(1);

/// Latencies of one run, in microseconds.
struct Latencies {
    p50: f64,
    p99: f64,
}

pub(super) fn compare(server: &RedisServer) -> [Promise; 2] {
    let runtime = Runtime::new().unwrap();
    let mut ratios: [Vec<f64>; 2] = Default::default();
    for _ in 0..ROUNDS {
        let bare = runtime.block_on(bare(&server.url()));
        let ours = runtime.block_on(rooms(&server.url()));
        println!(
            "latency in us, p50 and p99: PUBLISH {:.0} {:.0}, rooms {:.0} {:.0}",
            bare.p50, bare.p99, ours.p50, ours.p99
        );
        ratios[0].push(ours.p50 / bare.p50);
        ratios[1].push(ours.p99 / bare.p99);
    }
    let [p50, p99] = ratios.map(median);
    [
        Promise {
            what: "median latency to a member elsewhere, of PUBLISH",
            value: p50,
            least: 0.0,
            most: 2.0,
        },
        Promise { what: "99th percentile of it, of PUBLISH", value: p99, least: 0.0, most: 3.0 },
    ]
}

impl Latencies {
    fn of(mut all: Vec<Duration>) -> Self {
        all.sort_unstable();
        let at = |share: f64| all[(all.len() as f64 * share) as usize].as_secs_f64() * 1e6;
        Self { p50: at(0.5), p99: at(0.99) }
    }
}

async fn bare(url: &str) -> Latencies {
    let client = redis::Client::open(url).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let mut subscriber = client.get_async_pubsub().await.unwrap();
    subscriber.subscribe("latency").await.unwrap();
    let (sent, mut received) = mpsc::unbounded_channel();
    let measuring = tokio::spawn(async move {
        let mut messages = subscriber.into_on_message();
        let mut all = Vec::new();
        for _ in 0..MESSAGES {
            messages.next().await.unwrap();
            let sent: Instant = received.recv().await.unwrap();
            all.push(sent.elapsed());
        }
        all
    });
    let mut ticks = interval(PERIOD);
    for number in 0..MESSAGES {
        ticks.tick().await;
        sent.send(Instant::now()).unwrap();
        let mut command = redis::cmd("PUBLISH");
        command.arg("latency").arg(text(number)).query_async::<()>(&mut connection).await.unwrap();
    }
    Latencies::of(measuring.await.unwrap())
}

async fn rooms(url: &str) -> Latencies {
    let app = app();
    let (sender, receiver) = (Node::start(url, &app).await, Node::start(url, &app).await);
    let room = sender.rooms.room("all");
    let mut member = Member::connect(receiver.address).await;
    room.broadcast(&Message::Text(text(0))).unwrap();
    member.next().await;
    let (sent, mut received) = mpsc::unbounded_channel();
    let measuring = tokio::spawn(async move {
        let mut all = Vec::new();
        for _ in 0..MESSAGES {
            member.next().await;
            let sent: Instant = received.recv().await.unwrap();
            all.push(sent.elapsed());
        }
        all
    });
    let mut ticks = interval(PERIOD);
    for number in 0..MESSAGES {
        ticks.tick().await;
        sent.send(Instant::now()).unwrap();
        room.broadcast(&Message::Text(text(number))).unwrap();
    }
    let latencies = Latencies::of(measuring.await.unwrap());
    sender.engine.close().await.unwrap();
    receiver.engine.close().await.unwrap();
    latencies
}
