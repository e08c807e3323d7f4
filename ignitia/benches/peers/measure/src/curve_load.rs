//! The load for one point of a curve. It prints the cost of a unit, the units per second, and the
//! memory.

use std::{rc::Rc, time::Duration};

use tokio::time::sleep;

use crate::{
    compression_mode::CompressionMode,
    frames::{FrameCounter, TestMessage, frame},
    load::{
        LoadArguments, ServerPath, UnitCost, UnitCounter, echo, fan_out, handshakes, per_unit, read, run,
    },
    process_stats::ProcessStats,
};

pub const SUBCOMMAND: &str = "point";

/// Messages in flight, for any number of connections: only the number of idle ones grows.
const WINDOW: usize = 10;

/// Runs with the arguments `CURVE AMOUNT PORT PROCESS SECONDS`.
pub fn main(mut list: impl Iterator<Item = String>) {
    let curve = list.next().expect("measure passes it");
    let amount: usize = list.next().and_then(|amount| amount.parse().ok()).expect("a number");
    let arguments = LoadArguments::parse(list);
    let (cost, memory) = run(async {
        match &curve[..] {
            "connections" => connections(arguments, amount).await,
            "members" => members(arguments, amount).await,
            "size" => size(arguments, amount).await,
            "endpoints" => endpoints(arguments, amount).await,
            _ => unreachable!("measure knows the curves"),
        }
    });
    println!("{} {} {memory}", cost.each, cost.rate);
}

fn server_path(arguments: &LoadArguments, path: &str) -> ServerPath {
    ServerPath { port: arguments.port, path: path.into(), compression: CompressionMode::Off }
}

/// Returns the memory before the measured connections, after two others have opened: they pay for
/// what is allocated once.
async fn memory_before(target: &ServerPath, server: ProcessStats) -> f64 {
    for _ in 0..2 {
        let mut stream = target.clone().connect().await;
        echo_one(&mut stream, &frame(TestMessage::Text(20)), &mut [0; 64]).await;
    }
    settled(server).await
}

/// Returns the memory after a pause.
async fn settled(server: ProcessStats) -> f64 {
    sleep(Duration::from_millis(300)).await;
    server.memory()
}

async fn echo_one(stream: &mut tokio::net::TcpStream, message: &[u8], buffer: &mut [u8]) {
    use tokio::io::AsyncWriteExt;
    stream.write_all(message).await.expect("the server reads");
    let mut frames = FrameCounter::default();
    loop {
        let n = read(stream, buffer).await;
        if frames.count(&buffer[..n]) > 0 {
            return;
        }
    }
}

/// Sends on all connections in turns, on [`WINDOW`] of them at a time.
async fn connections(arguments: LoadArguments, amount: usize) -> (UnitCost, f64) {
    let target = server_path(&arguments, "/");
    let before = memory_before(&target, arguments.server).await;
    let message: Rc<[u8]> = frame(TestMessage::Text(20)).into();
    let mut streams = target.connect_all(amount).await;
    for stream in &mut streams {
        echo_one(stream, &message, &mut [0; 64]).await;
    }
    let memory = (settled(arguments.server).await - before) / amount as f64;
    let messages = UnitCounter::default();
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
    (per_unit(arguments.server, arguments.span, &messages).await, memory)
}

/// Sends a message to all members once every member has received the one before.
async fn members(arguments: LoadArguments, amount: usize) -> (UnitCost, f64) {
    let target = server_path(&arguments, "/fan");
    let before = memory_before(&target, arguments.server).await;
    let deliveries = fan_out(target, amount, 1, TestMessage::Text(100)).await;
    let cost = per_unit(arguments.server, arguments.span, &deliveries).await;
    (cost, (arguments.server.memory() - before) / amount as f64)
}

/// Sends one message at a time on one connection, and returns the peak of the memory.
async fn size(arguments: LoadArguments, amount: usize) -> (UnitCost, f64) {
    let messages = echo(server_path(&arguments, "/"), 1, 1, TestMessage::Binary(amount)).await;
    let cost = per_unit(arguments.server, arguments.span, &messages).await;
    (cost, arguments.server.peak())
}

/// Opens connections to the endpoint that was added last, and returns the memory of the process.
async fn endpoints(arguments: LoadArguments, amount: usize) -> (UnitCost, f64) {
    let cost =
        handshakes(server_path(&arguments, &format!("/endpoint/{amount}")), arguments.server, 16, 4_000)
            .await;
    (cost, arguments.server.memory())
}
