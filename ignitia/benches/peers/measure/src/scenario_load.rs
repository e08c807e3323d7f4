//! The load of one scenario, in a process of its own. It prints the cost of one unit.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::sleep,
};

use crate::{
    compression_mode::CompressionMode,
    frames::{TestMessage, frame},
    load::{LoadArguments, ServerPath, echo, fan_out, handshakes, per_unit, run},
    process_stats::ProcessStats,
    scenarios::{Load, Scenario},
};

pub const SUBCOMMAND: &str = "load";

/// Runs with the arguments `SCENARIO PORT PROCESS SECONDS`.
pub fn main(mut arguments: impl Iterator<Item = String>) {
    let scenario = arguments.next().and_then(|name| Scenario::find(&name)).expect("measure knows it");
    let LoadArguments { port, server, span } = LoadArguments::parse(arguments);
    let target = ServerPath { port, path: scenario.path().into(), compression: CompressionMode::Off };
    let cost = run(async {
        match scenario.load {
            Load::Echo { connections, window, message } => {
                let messages = echo(target, connections, window, message).await;
                per_unit(server, span, &messages).await.each
            }
            Load::FanOut { members, window, message } => {
                let deliveries = fan_out(target, members, window, message).await;
                per_unit(server, span, &deliveries).await.each
            }
            Load::Handshake { concurrent, count } => handshakes(target, server, concurrent, count).await.each,
            Load::Idle { connections } => idle(target, server, connections).await,
        }
    });
    println!("{cost}");
}

/// Returns the memory per connection that is idle after one echo.
async fn idle(target: ServerPath, server: ProcessStats, connections: usize) -> f64 {
    let memory = server.memory();
    let message = frame(TestMessage::Text(20));
    let mut streams = target.connect_all(connections).await;
    for stream in &mut streams {
        stream.write_all(&message).await.expect("the server reads");
        stream.read_exact(&mut [0; 22]).await.expect("the server answers");
    }
    sleep(Duration::from_secs(1)).await;
    (server.memory() - memory) / connections as f64
}
