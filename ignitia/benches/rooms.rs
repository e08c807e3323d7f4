//! Cost of a broadcast: deliveries to a thousand members of a room per CPU second of the server,
//! compared to a `tokio::sync::broadcast` channel and a `send` per connection, on axum with
//! tokio-tungstenite, in the same run.
//!
//! The kernel counts the CPU time of the server's thread; the clients run on another one. A single
//! message costs at least one write call per member. Eight messages in flight share that call.

#![allow(clippy::unwrap_used, reason = "an unexpected error must fail the bench")]

use std::{
    alloc::System,
    fs,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use axum::{extract::Request, response::IntoResponse, routing::get, serve::ListenerExt as _};
use ignitia::{
    prelude::*,
    rooms::{Overflow, RoomConfig},
};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{Notify, broadcast},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Message as RawMessage, Utf8Bytes, protocol::Role},
};

#[global_allocator]
static HEAP: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const MEMBERS: usize = 1_000;
const ROUNDS: usize = 5;
const MESSAGES: usize = 300;
const HANDSHAKE: &str = "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/// Broadcasts a text to all members.
type Publish = Box<dyn Fn(&str) + Send>;

fn main() {
    if std::env::args().any(|argument| argument == "--list") {
        return;
    }
    rlimit::increase_nofile_limit(8 * MEMBERS as u64).unwrap();
    println!(
        "{:32} {:>14} {:>14} {:>7} {:>13}",
        "", "rooms /CPU s", "channel /CPU s", "ratio", "allocations"
    );
    let mut failed = false;
    for (size, window, least) in [(100, 8, 4.0), (1_024, 8, 4.0), (100, 1, 1.0), (1_024, 1, 1.0)] {
        let mut ours = Vec::new();
        let mut theirs = Vec::new();
        let mut allocations = Vec::new();
        // In turns, so that both run under the same load of the machine.
        for _ in 0..ROUNDS {
            let (rate, per_delivery) = measure(rooms, size, window);
            ours.push(rate);
            allocations.push(per_delivery);
            theirs.push(measure(channel, size, window).0);
        }
        let (ours, theirs, allocations) = (median(ours), median(theirs), median(allocations));
        let ratio = ours / theirs;
        // Measurements on a shared machine vary, so the promise has a margin.
        let holds = ratio >= least * 0.9 && allocations <= 1.05;
        failed |= !holds;
        println!(
            "{:32} {ours:>14.0} {theirs:>14.0} {ratio:>7.2} {allocations:>13.3}{}",
            format!("{size} bytes, {window} in flight"),
            if holds { "" } else { "  <- promised more" }
        );
    }
    assert!(!failed, "a promise is broken");
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Bytes that the clients have received, and the number for which the server waits.
#[derive(Default)]
struct ReadProgress {
    received: AtomicUsize,
    wanted: AtomicUsize,
    reached: Notify,
    connected: Notify,
}

impl ReadProgress {
    async fn wait_for(&self, bytes: usize) {
        self.wanted.store(bytes, Ordering::SeqCst);
        while self.received.load(Ordering::SeqCst) < bytes {
            self.reached.notified().await;
        }
    }

    fn add(&self, bytes: usize) {
        let received = self.received.fetch_add(bytes, Ordering::SeqCst) + bytes;
        let wanted = self.wanted.load(Ordering::SeqCst);
        // Notifies once per wait, so that notifications cost the server nothing.
        if received >= wanted && received - bytes < wanted {
            self.reached.notify_one();
        }
    }
}

/// Returns deliveries per CPU second, and allocations per delivery.
fn measure(server: fn() -> (axum::Router, Publish), size: usize, window: usize) -> (f64, f64) {
    let progress = Arc::new(ReadProgress::default());
    let (address, ready) = std::sync::mpsc::channel::<SocketAddr>();
    let serving = {
        let progress = progress.clone();
        thread::spawn(move || {
            current_thread().block_on(async move {
                let (router, publish) = server();
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                address.send(listener.local_addr().unwrap()).unwrap();
                // As Ignitia's server does: else the kernel delays and coalesces small writes.
                let listener = listener.tap_io(|stream| stream.set_nodelay(true).unwrap());
                tokio::spawn(async move { axum::serve(listener, router).await });
                progress.connected.notified().await;
                let (text, all) = ("x".repeat(size), MEMBERS * frame_len(size));
                publish(&text);
                progress.wait_for(all).await;
                let (cpu, heap) = (cpu_seconds(), HEAP.stats().allocations);
                for message in 1..=MESSAGES {
                    progress.wait_for((message + 1).saturating_sub(window).max(1) * all).await;
                    publish(&text);
                }
                progress.wait_for((MESSAGES + 1) * all).await;
                let deliveries = (MESSAGES * MEMBERS) as f64;
                let allocations = (HEAP.stats().allocations - heap) as f64;
                (deliveries / (cpu_seconds() - cpu), allocations / deliveries)
            })
        })
    };
    let address = ready.recv().unwrap();
    let clients = thread::spawn(move || {
        current_thread().block_on(async move {
            let mut streams = Vec::with_capacity(MEMBERS);
            for _ in 0..MEMBERS {
                streams.push(connect(address).await);
            }
            let read = |mut stream: TcpStream| {
                let progress = progress.clone();
                async move {
                    let mut buffer = vec![0; 16 << 10];
                    while let Ok(n @ 1..) = stream.read(&mut buffer).await {
                        progress.add(n);
                    }
                }
            };
            let tasks: Vec<_> = streams.into_iter().map(read).map(tokio::spawn).collect();
            progress.connected.notify_one();
            for task in tasks {
                task.await.unwrap();
            }
        });
    });
    let result = serving.join().unwrap();
    clients.join().unwrap();
    result
}

fn current_thread() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

async fn connect(address: SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    stream.write_all(HANDSHAKE.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    stream
}

fn frame_len(size: usize) -> usize {
    size + if size < 126 { 2 } else { 4 }
}

/// Returns the CPU time of this thread, as the kernel counts it.
fn cpu_seconds() -> f64 {
    let schedstat = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    schedstat.split(' ').next().unwrap().parse::<f64>().unwrap() / 1e9
}

fn rooms() -> (axum::Router, Publish) {
    // A busy machine must not close slow members.
    let config = RoomConfig::default().overflow(Overflow::DropNewest);
    let rooms = Rooms::<Message>::with_config(config);
    let all = rooms.room("all");
    let member = |State(rooms): State<Rooms<Message>>, mut ws: WebSocketConnection| async move {
        let _membership = rooms.join("all", &ws)?;
        while ws.recv().await.is_some() {}
        Ok::<_, Error>(Response::ok())
    };
    let router = Router::new().state(rooms).websocket("/ws", member).into_axum().unwrap();
    let publish = move |text: &str| {
        all.broadcast(&Message::Text(text.to_owned())).unwrap();
    };
    (router, Box::new(publish))
}

fn channel() -> (axum::Router, Publish) {
    let (sender, _) = broadcast::channel::<Utf8Bytes>(64);
    let subscribe = sender.clone();
    let member = move |request: Request| async move {
        let upgrade = hyper::upgrade::on(request);
        let mut receiver = subscribe.subscribe();
        tokio::spawn(async move {
            let io = hyper_util::rt::TokioIo::new(upgrade.await.unwrap());
            let mut ws = WebSocketStream::from_raw_socket(io, Role::Server, None).await;
            while let Ok(text) = receiver.recv().await {
                if futures_util::SinkExt::send(&mut ws, RawMessage::Text(text)).await.is_err() {
                    break;
                }
            }
        });
        let headers = [
            ("connection", "upgrade"),
            ("upgrade", "websocket"),
            ("sec-websocket-accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
        ];
        (axum::http::StatusCode::SWITCHING_PROTOCOLS, headers).into_response()
    };
    let router = axum::Router::new().route("/ws", get(member));
    let publish = move |text: &str| {
        let _ = sender.send(Utf8Bytes::from(text));
    };
    (router, Box::new(publish))
}
