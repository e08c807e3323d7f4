//! The load at one point of a curve: it prints what a unit cost, how many there were in a second, and the memory.

use std::{rc::Rc, time::Duration};

use tokio::time::sleep;

use crate::{
    cost::Process,
    frames::{Frames, frame},
    load::{Cost, Counter, Place, Target, echo, fan, handshakes, per_unit, read, run},
    scenarios::Message,
};

pub const SUBCOMMAND: &str = "point";

/// Messages on their way, however many connections there are: only what lies idle grows.
const WINDOW: usize = 10;

/// `CURVE AMOUNT PORT PROCESS SECONDS`
pub fn main(mut arguments: impl Iterator<Item = String>) {
    let curve = arguments.next().expect("measure passes it");
    let amount: usize = arguments.next().and_then(|amount| amount.parse().ok()).expect("a number");
    let place = Place::parse(arguments);
    let (cost, memory) = run(async {
        match &curve[..] {
            "connections" => connections(place, amount).await,
            "members" => members(place, amount).await,
            "size" => size(place, amount).await,
            "endpoints" => endpoints(place, amount).await,
            _ => unreachable!("measure knows the curves"),
        }
    });
    println!("{} {} {memory}", cost.each, cost.rate);
}

fn target(place: &Place, path: &str) -> Target {
    Target { port: place.port, path: path.into() }
}

/// Memory before the connections of which a part each is asked for. What the first one of all costs is not theirs.
async fn memory_before(target: &Target, server: Process) -> f64 {
    for _ in 0..2 {
        let mut stream = target.clone().connect().await;
        echo_one(&mut stream, &frame(Message::Text(20)), &mut [0; 64]).await;
    }
    settled(server).await
}

async fn settled(server: Process) -> f64 {
    sleep(Duration::from_millis(300)).await;
    server.memory()
}

async fn echo_one(stream: &mut tokio::net::TcpStream, message: &[u8], buffer: &mut [u8]) {
    use tokio::io::AsyncWriteExt;
    stream.write_all(message).await.expect("the server reads");
    let mut frames = Frames::default();
    loop {
        let n = read(stream, buffer).await;
        if frames.count(&buffer[..n]) > 0 {
            return;
        }
    }
}

/// It is each connection's turn again and again, [`WINDOW`] of them at a time.
async fn connections(place: Place, amount: usize) -> (Cost, f64) {
    let target = target(&place, "/");
    let before = memory_before(&target, place.server).await;
    let message: Rc<[u8]> = frame(Message::Text(20)).into();
    let mut streams = target.connect_all(amount).await;
    for stream in &mut streams {
        echo_one(stream, &message, &mut [0; 64]).await;
    }
    let memory = (settled(place.server).await - before) / amount as f64;
    let messages = Counter::default();
    while !streams.is_empty() {
        let mut own = streams.split_off(streams.len() - streams.len().min(amount.div_ceil(WINDOW)));
        let (message, messages) = (message.clone(), messages.clone());
        tokio::task::spawn_local(async move {
            let mut buffer = [0; 64];
            loop {
                for stream in &mut own {
                    echo_one(stream, &message, &mut buffer).await;
                    messages.set(messages.get() + 1);
                }
            }
        });
    }
    (per_unit(place.server, place.span, &messages).await, memory)
}

/// One of them sends a message when everybody has the one before.
async fn members(place: Place, amount: usize) -> (Cost, f64) {
    let target = target(&place, "/fan");
    let before = memory_before(&target, place.server).await;
    let deliveries = fan(target, amount, 1, Message::Text(100)).await;
    let cost = per_unit(place.server, place.span, &deliveries).await;
    (cost, (place.server.memory() - before) / amount as f64)
}

/// One connection, one message on its way; the memory is the most that the server had.
async fn size(place: Place, amount: usize) -> (Cost, f64) {
    let messages = echo(target(&place, "/"), 1, 1, Message::Binary(amount)).await;
    let cost = per_unit(place.server, place.span, &messages).await;
    (cost, place.server.peak())
}

/// Connections to the endpoint that was mounted last; the memory is the whole process's.
async fn endpoints(place: Place, amount: usize) -> (Cost, f64) {
    let cost = handshakes(target(&place, &format!("/endpoint/{amount}")), place.server, 16, 4_000).await;
    (cost, place.server.memory())
}
