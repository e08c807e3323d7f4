//! A client that writes small messages as fast as the server reads them, and reads every reply.

use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::atomic::{AtomicUsize, Ordering},
    thread::{sleep, spawn},
    time::{Duration, Instant},
};

use crate::{
    compression_mode::CompressionMode,
    frames::{TestMessage, frame},
    load::{LoadArguments, ServerPath, WARM_UP, run},
};

pub const SUBCOMMAND: &str = "flood";

/// Messages in one write: enough to make the client's cost per message negligible.
const BURST: usize = 600;

/// Bytes of one reply.
const REPLY: usize = 22;

/// Runs with the arguments `PORT PROCESS SECONDS`: prints the number of replies per second, and
/// continues until it is killed.
pub fn main(arguments: impl Iterator<Item = String>) {
    let LoadArguments { port, span, .. } = LoadArguments::parse(arguments);
    let mut writing = connect(port);
    let mut reading = writing.try_clone().expect("a descriptor");
    let burst = frame(TestMessage::Text(20)).repeat(BURST);
    spawn(move || while writing.write_all(&burst).is_ok() {});
    static BYTES: AtomicUsize = AtomicUsize::new(0);
    spawn(move || {
        let mut buffer = vec![0; 64 << 10];
        while let Ok(n @ 1..) = reading.read(&mut buffer) {
            BYTES.fetch_add(n, Ordering::Relaxed);
        }
    });
    sleep(WARM_UP);
    let (before, start) = (BYTES.load(Ordering::Relaxed), Instant::now());
    sleep(span);
    let messages = (BYTES.load(Ordering::Relaxed) - before) / REPLY;
    println!("{}", messages as f64 / start.elapsed().as_secs_f64());
    sleep(Duration::MAX);
}

fn connect(port: u16) -> TcpStream {
    let stream = run(async {
        let stream = ServerPath { port, path: "/".into(), compression: CompressionMode::Off }.connect().await;
        stream.into_std().expect("a socket")
    });
    stream.set_nonblocking(false).expect("a socket");
    stream
}
