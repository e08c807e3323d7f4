//! The load of one scenario with compression. It prints the cost of one unit, and the bytes of one
//! message from the server.

use std::{cell::Cell, rc::Rc, time::Duration};

use tokio::{io::AsyncWriteExt, net::TcpStream, sync::Notify, time::sleep};

use crate::{
    answer_reader::AnswerReader,
    compression_mode::CompressionMode,
    deflate_scenarios::{DeflateLoad, DeflateScenario},
    load::{LoadArguments, ServerPath, UnitCounter, per_unit, read, run},
    message_cycle::MessageCycle,
    process_stats::ProcessStats,
};

/// Bytes of a connection's buffer.
const BUFFER: usize = 16 << 10;

/// Messages on a connection before it is idle.
const MESSAGES_BEFORE_IDLE: usize = 4;

/// Connections before the measured ones. They pay for what is allocated once.
const CONNECTIONS_BEFORE: usize = 16;

/// Messages from the server.
#[derive(Clone, Default)]
struct ReceivedTotals {
    messages: UnitCounter,
    bytes: UnitCounter,
}

/// Runs with the arguments `SCENARIO MODE PORT PROCESS SECONDS`.
pub fn main(mut arguments: impl Iterator<Item = String>) {
    let scenario = arguments.next().and_then(|name| DeflateScenario::find(&name)).expect("measure knows it");
    let mode = arguments.next().and_then(|name| CompressionMode::find(&name)).expect("measure knows it");
    let LoadArguments { port, server, span } = LoadArguments::parse(arguments);
    let target = |path: &str| ServerPath { port, path: path.into(), compression: mode };
    let received = ReceivedTotals::default();
    let cost = run(async {
        match scenario.load {
            DeflateLoad::Echo { connections } => {
                echo(target("/"), connections, &received).await;
                per_unit(server, span, &received.messages).await.each
            }
            DeflateLoad::FanOut { members } => {
                fan_out(target("/fan"), members, &received).await;
                per_unit(server, span, &received.messages).await.each
            }
            DeflateLoad::Idle { connections } => idle(target("/"), server, connections, &received).await,
        }
    });
    println!("{cost} {}", received.bytes.get() as f64 / received.messages.get() as f64);
}

/// A connection, and what it received.
struct DeflateClient {
    stream: TcpStream,
    answers: AnswerReader,
    received: ReceivedTotals,
    buffer: Vec<u8>,
}

impl DeflateClient {
    fn new(stream: TcpStream, mode: CompressionMode, compared: usize, received: &ReceivedTotals) -> Self {
        let (answers, received) = (AnswerReader::new(mode, compared), received.clone());
        Self { stream, answers, received, buffer: vec![0; BUFFER] }
    }

    async fn send(&mut self, messages: &MessageCycle, index: usize) {
        self.stream.write_all(messages.frame(index)).await.expect("the server reads");
    }

    /// Receives the message of this number.
    async fn receive(&mut self, messages: &MessageCycle, index: usize) {
        loop {
            let n = read(&mut self.stream, &mut self.buffer).await;
            self.received.bytes.set(self.received.bytes.get() + n);
            match self.answers.read(&self.buffer[..n], messages) {
                complete if complete == index => {}
                complete => {
                    assert_eq!(complete, index + 1, "the server sent more messages than it should");
                    return self.received.messages.set(self.received.messages.get() + 1);
                }
            }
        }
    }
}

/// Returns the number of messages to compare: all of the first connection, and the first message of
/// the others.
fn compared(connection: usize) -> usize {
    if connection == 0 { usize::MAX } else { 1 }
}

/// Opens connections that send a message for every echo.
async fn echo(target: ServerPath, connections: usize, received: &ReceivedTotals) {
    for (i, stream) in target.connect_all(connections).await.into_iter().enumerate() {
        let mut client = DeflateClient::new(stream, target.compression, compared(i), received);
        let messages = MessageCycle::new(target.compression, i as u64);
        tokio::task::spawn_local(async move {
            for index in 0.. {
                client.send(&messages, index).await;
                client.receive(&messages, index).await;
            }
        });
    }
}

/// Opens members, one of which sends the next message once the last one has reached all.
async fn fan_out(target: ServerPath, members: usize, received: &ReceivedTotals) {
    let messages = Rc::new(MessageCycle::new(target.compression, 0));
    let missing = Rc::new((Cell::new(members), Notify::new()));
    for (i, stream) in target.connect_all(members).await.into_iter().enumerate() {
        let mut client = DeflateClient::new(stream, target.compression, compared(i), received);
        let (messages, missing) = (messages.clone(), missing.clone());
        let is_publisher = i == members - 1;
        tokio::task::spawn_local(async move {
            for index in 0.. {
                if is_publisher {
                    client.send(&messages, index).await;
                }
                client.receive(&messages, index).await;
                missing.0.update(|missing| missing - 1);
                if is_publisher {
                    while missing.0.get() > 0 {
                        missing.1.notified().await;
                    }
                    missing.0.set(members);
                } else if missing.0.get() == 0 {
                    missing.1.notify_one();
                }
            }
        });
    }
}

/// Returns the memory per connection that is idle after some messages.
async fn idle(
    target: ServerPath,
    server: ProcessStats,
    connections: usize,
    received: &ReceivedTotals,
) -> f64 {
    let messages = MessageCycle::new(target.compression, 0);
    let mut clients = Vec::new();
    let mut memory = 0.0;
    for amount in [CONNECTIONS_BEFORE, connections] {
        memory = server.memory();
        for stream in target.connect_all(amount).await {
            let mut client = DeflateClient::new(stream, target.compression, MESSAGES_BEFORE_IDLE, received);
            for index in 0..MESSAGES_BEFORE_IDLE {
                client.send(&messages, index).await;
                client.receive(&messages, index).await;
            }
            clients.push(client.stream);
        }
        sleep(Duration::from_secs(1)).await;
    }
    (server.memory() - memory) / connections as f64
}
