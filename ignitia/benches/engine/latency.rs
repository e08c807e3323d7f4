//! Time from a publication to a member on another node, at a thousand messages a second, beside
//! `PUBLISH` to a subscriber.
//!
//! A subscriber is there once the server has sent it the message; a member is behind a WebSocket,
//! too. A room in memory, whose member is on the same node, tells what that takes: the rest of the
//! median is what the engine adds.

use std::time::{Duration, Instant};

use futures_util::{Stream, StreamExt, stream};
use ignitia::prelude::*;
use tokio::{runtime::Runtime, sync::mpsc, time::interval};

use super::{
    member::{Member, text},
    nodes::{Node, app, room_config, serve},
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

pub(super) fn compare(server: &RedisServer) -> [Promise; 3] {
    let runtime = Runtime::new().unwrap();
    let mut ratios: [Vec<f64>; 3] = Default::default();
    for _ in 0..ROUNDS {
        let bare = runtime.block_on(bare(&server.url()));
        let memory = runtime.block_on(memory());
        let engine = runtime.block_on(engine(&server.url()));
        println!(
            "latency in us, p50 and p99: PUBLISH {:.0} {:.0}, memory {:.0} {:.0}, engine {:.0} {:.0}",
            bare.p50, bare.p99, memory.p50, memory.p99, engine.p50, engine.p99
        );
        ratios[0].push((engine.p50 - memory.p50) / bare.p50);
        ratios[1].push(engine.p50 / bare.p50);
        ratios[2].push(engine.p99 / bare.p99);
    }
    let [added, whole, p99] = ratios.map(median);
    let promise = |what, value, most| Promise { what, value, least: 0.0, most };
    [
        promise("median latency that the engine adds, of PUBLISH", added, 2.0),
        promise("the same with the WebSocket, which PUBLISH has not", whole, f64::MAX),
        promise("99th percentile with the WebSocket, of PUBLISH", p99, 3.0),
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
    let connection = client.get_multiplexed_async_connection().await.unwrap();
    let mut subscriber = client.get_async_pubsub().await.unwrap();
    subscriber.subscribe("latency").await.unwrap();
    measure(subscriber.into_on_message(), async |text| {
        let mut command = redis::cmd("PUBLISH");
        command.arg("latency").arg(text).query_async::<()>(&mut connection.clone()).await.unwrap();
    })
    .await
}

async fn memory() -> Latencies {
    let rooms = Rooms::<Message>::with_config(room_config());
    let address = serve(rooms.clone()).await;
    let member = Member::connect(address).await;
    deliver(&rooms, &rooms, member).await
}

async fn engine(url: &str) -> Latencies {
    let app = app();
    let (sender, receiver) = (Node::start(url, &app).await, Node::start(url, &app).await);
    let member = Member::connect(receiver.address).await;
    let latencies = deliver(&sender.rooms, &receiver.rooms, member).await;
    sender.engine.close().await.unwrap();
    receiver.engine.close().await.unwrap();
    latencies
}

/// Measures broadcasts from one node to a member on another, or on the same one.
async fn deliver(sender: &Rooms<Message>, receiver: &Rooms<Message>, mut member: Member) -> Latencies {
    while receiver.room("all").is_empty() {
        tokio::task::yield_now().await;
    }
    let room = sender.room("all");
    // On an engine the room is heard once its first message has arrived.
    room.broadcast(&Message::Text(text(0))).unwrap();
    member.next().await;
    let messages = stream::unfold(member, async |mut member| Some((member.next().await, member)));
    measure(Box::pin(messages), async |text| _ = room.broadcast(&Message::Text(text)).unwrap()).await
}

/// Sends a message each period, and measures the time until it is received.
async fn measure(
    mut messages: impl Stream<Item: Send> + Send + Unpin + 'static,
    send: impl AsyncFn(String),
) -> Latencies {
    let (sent, mut received) = mpsc::unbounded_channel();
    let measuring = tokio::spawn(async move {
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
        send(text(number)).await;
    }
    Latencies::of(measuring.await.unwrap())
}
