//! A connection that writes small messages as fast as they are taken, and reads every reply.

use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::atomic::{AtomicUsize, Ordering},
    thread::{sleep, spawn},
    time::{Duration, Instant},
};

use crate::{
    frames::frame,
    load::{Place, Target, run},
    quiet::SETTLING,
    scenarios::Message,
};

pub const SUBCOMMAND: &str = "flood";

/// A write of that many costs the client next to nothing for each.
const BURST: usize = 600;

/// What the server sends for each.
const REPLY: usize = 22;

/// `PORT PROCESS SECONDS`: prints how many messages a second came back, and goes on until it is killed.
pub fn main(arguments: impl Iterator<Item = String>) {
    let Place { port, span, .. } = Place::parse(arguments);
    let mut writing = connect(port);
    let mut reading = writing.try_clone().expect("a descriptor");
    let burst = frame(Message::Text(20)).repeat(BURST);
    spawn(move || while writing.write_all(&burst).is_ok() {});
    static BYTES: AtomicUsize = AtomicUsize::new(0);
    spawn(move || {
        let mut buffer = vec![0; 64 << 10];
        while let Ok(n @ 1..) = reading.read(&mut buffer) {
            BYTES.fetch_add(n, Ordering::Relaxed);
        }
    });
    sleep(SETTLING);
    let (before, start) = (BYTES.load(Ordering::Relaxed), Instant::now());
    sleep(span);
    let messages = (BYTES.load(Ordering::Relaxed) - before) / REPLY;
    println!("{}", messages as f64 / start.elapsed().as_secs_f64());
    sleep(Duration::MAX);
}

fn connect(port: u16) -> TcpStream {
    let stream = run(async {
        let stream = Target { port, path: "/".into() }.connect().await;
        stream.into_std().expect("a socket")
    });
    stream.set_nonblocking(false).expect("a socket");
    stream
}
