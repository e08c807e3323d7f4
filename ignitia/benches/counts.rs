//! Costs as counts: heap per connection, allocations and system calls per message. Prints a table, and fails where a
//! promise is broken.
//!
//! The heap is counted by an allocator around the system's, over everything that this process allocates. Clients are
//! bare blocking sockets, which allocate nothing while they are idle. What the kernel and hyper hold before the
//! upgrade is not in it: a connection is measured once it is open and quiet.

#![allow(clippy::unwrap_used, reason = "a bench that meets the unexpected shall fail")]

use std::{
    alloc::System,
    io::{Read, Write},
    net::{Shutdown, SocketAddr, TcpStream},
    time::{Duration, Instant},
};

use ignitia::{prelude::*, websocket::WebSocketConfig};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static HEAP: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const CONNECTIONS: usize = 2_000;
const LARGE: usize = 1 << 20;
const ENDED: usize = 1_000;
const ON_PURPOSE: &str = "on purpose";

fn main() {
    // Test runners ask for the tests first: there are none to choose from.
    if std::env::args().any(|argument| argument == "--list") {
        return;
    }
    // Room for both ends of every connection.
    let descriptors = rlimit::increase_nofile_limit(3 * CONNECTIONS as u64).unwrap();
    assert!(descriptors > 2 * CONNECTIONS as u64 + 100, "only {descriptors} descriptors are to be had");
    let server = Server::start();
    let mut report = Report::default();
    idle_connections(&server, &mut report);
    large_heads(&server, &mut report);
    promises_cost_nothing(&server, &mut report);
    allocations_per_message(&server, &mut report);
    endings(&server, &mut report);
    report.finish();
}

/// Heap per idle connection: fresh, after one small message, after one large one.
fn idle_connections(server: &Server, report: &mut Report) {
    // What is allocated once for the process is in place before the count begins.
    let mut first = server.connect("/echo");
    first.echo(&[b'x'; LARGE]);
    let mut clients = Vec::with_capacity(CONNECTIONS);
    let before = settled_heap();
    for _ in 0..CONNECTIONS {
        clients.push(server.connect("/echo"));
    }
    let per_connection = |heap: isize| (heap - before) as f64 / CONNECTIONS as f64;
    let fresh = per_connection(settled_heap());
    report.line("heap per fresh idle connection, bytes", fresh, 8_192.0);
    clients.iter_mut().for_each(|client| client.echo(&[b'x'; 20]));
    let used = per_connection(settled_heap());
    report.line("heap per idle connection after a 20-byte echo, bytes", used, 8_192.0);
    clients.iter_mut().for_each(|client| client.echo(&[b'x'; LARGE]));
    let after_large = per_connection(settled_heap());
    report.line("heap per idle connection after a 1 MiB echo, bytes", after_large, used * 1.1);
    drop(clients);
    let leftover = settled_heap() - before;
    report.line(
        "heap left when all are gone, bytes per connection",
        leftover as f64 / CONNECTIONS as f64,
        64.0,
    );
}

/// What is kept of the head of a request for as long as the handler runs: nothing, or what the handler holds, which is no more
/// than was sent.
fn large_heads(server: &Server, report: &mut Report) {
    const HEADS: usize = 200;
    let cookies = "a=;".repeat(20_000);
    let lines = "X-Line: a\r\n".repeat(90);
    for (name, lines, sent) in [
        ("a small head", "Cookie: a=1\r\n".to_owned(), 0),
        ("20,000 cookies", format!("Cookie: {cookies}\r\n"), cookies.len()),
        ("90 lines", lines, 90 * 120),
    ] {
        for path in ["/echo", "/headers", "/cookies"] {
            drop(server.connect_with(path, &lines));
            let before = settled_heap();
            let clients: Vec<Client> = (0..HEADS).map(|_| server.connect_with(path, &lines)).collect();
            let heap = (settled_heap() - before) as f64 / HEADS as f64;
            let most = if path == "/echo" { 8_192 } else { 8_192 + sent };
            report.line(&format!("heap per idle connection, {path}, {name}"), heap, most as f64);
            drop(clients);
        }
    }
}

/// Heap grows with the bytes that a peer has sent, not with those that its headers declare.
fn promises_cost_nothing(server: &Server, report: &mut Report) {
    const PROMISES: usize = 200;
    let mut clients: Vec<Client> = (0..PROMISES).map(|_| server.connect("/echo")).collect();
    let before = settled_heap();
    for client in &mut clients {
        client.stream.write_all(b"\x81\xff\0\0\0\0\0\x10\0\0\0\0\0\0only this").unwrap();
    }
    let heap = (settled_heap() - before) as f64 / PROMISES as f64;
    // What assembles messages from pieces is made when the first piece comes.
    report.line("heap for a header that declares 1 MiB and 9 bytes of it", heap, 64.0);
    drop(clients);
}

/// Allocations for one more message on a warm connection.
fn allocations_per_message(server: &Server, report: &mut Report) {
    const MESSAGES: usize = 1_000;
    for (name, path, most) in [
        ("text echo by Message", "/echo", 1.1),
        ("text received, &str sent", "/static", 1.1),
        ("binary echo", "/binary", 0.1),
    ] {
        let mut client = server.connect(path);
        client.echo(&[b'x'; 100]);
        settled_heap();
        let before = HEAP.stats().allocations;
        for _ in 0..MESSAGES {
            client.echo(&[b'x'; 100]);
        }
        let allocations = HEAP.stats().allocations - before;
        report.line(
            &format!("allocations per ping-pong, {name}"),
            allocations as f64 / MESSAGES as f64,
            most,
        );
    }
}

/// What a thousand connections leave behind that end in every way there is.
fn endings(server: &Server, report: &mut Report) {
    // The handlers' panics are on purpose, and a backtrace would leave its symbol tables on the heap.
    let report_panic = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if panic.payload_as_str() != Some(ON_PURPOSE) {
            report_panic(panic);
        }
    }));
    let tasks = || server.runtime.metrics().num_alive_tasks();
    let (heap_before, tasks_before, files_before) = (settled_heap(), tasks(), open_files());
    let mut stalled = Vec::new();
    for round in 0..ENDED / 10 {
        // The handler says how, the client plays along or does not.
        for path in ["/echo", "/returns", "/fails", "/panics", "/sleeps"] {
            server.connect(path).close();
        }
        server.connect("/echo").reset();
        server.connect("/echo").half_close();
        drop(server.connect("/echo"));
        server.abandon_handshake(round);
        stalled.push(server.connect("/stalls"));
    }
    // The server must be rid of the stalled readers although they stay.
    let deadline = Instant::now() + Duration::from_secs(60);
    while (tasks() > tasks_before || open_files() > files_before + stalled.len()) && Instant::now() < deadline
    {
        std::thread::sleep(Duration::from_millis(20));
    }
    drop(stalled);
    report.line("tasks left by a thousand ends", tasks() as f64 - tasks_before as f64, 0.0);
    report.line("descriptors left by a thousand ends", open_files() as f64 - files_before as f64, 0.0);
    let left = (settled_heap() - heap_before) as f64 / ENDED as f64;
    report.line("heap left by a thousand ends, bytes each", left, 64.0);
    server.connect("/echo").echo(b"still here");
}

fn open_files() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

async fn returns(ws: WebSocketConnection) -> Result<Response> {
    ws.send_text("x").await?;
    Ok(Response::forbidden("that is all"))
}

async fn fails(ws: WebSocketConnection) -> Result<Response> {
    ws.send_text("x").await?;
    Err(std::io::Error::other("the database is away").into())
}

async fn panics(ws: WebSocketConnection) -> Response {
    ws.send_text("x").await.unwrap();
    panic!("{ON_PURPOSE}");
}

/// Sends until the client's silence is noticed.
async fn stalls(ws: WebSocketConnection) -> Result<Response> {
    loop {
        ws.send_binary(vec![0; 64 << 10]).await?;
    }
}

async fn keeps_headers(headers: Headers, ws: WebSocketConnection) -> Result<Response> {
    let end = echo(ws).await;
    drop(headers);
    end
}

async fn keeps_cookies(cookies: Cookies, ws: WebSocketConnection) -> Result<Response> {
    let end = echo(ws).await;
    drop(cookies);
    end
}

/// Learns of the end from `closed` only, and in another task.
async fn sleeps(ws: WebSocketConnection) -> Response {
    let clone = ws.clone();
    let watcher = tokio::spawn(async move { clone.closed().await });
    ws.accept().await.unwrap();
    watcher.await.unwrap();
    Response::ok()
}

async fn echo(mut ws: WebSocketConnection) -> Result<Response> {
    while let Some(message) = ws.recv().await {
        if message.is_data() {
            ws.send(message).await?;
        }
    }
    Ok(Response::ok())
}

async fn fixed(mut ws: WebSocketConnection) -> Result<Response> {
    while let Some(message) = ws.recv().await {
        if message.is_data() {
            ws.send_text(REPLY).await?;
        }
    }
    Ok(Response::ok())
}

static REPLY: &str = match str::from_utf8(&[b'x'; 100]) {
    Ok(reply) => reply,
    Err(_) => panic!("x is UTF-8"),
};

struct Server {
    addr: SocketAddr,
    runtime: tokio::runtime::Runtime,
}

impl Server {
    fn start() -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let config = WebSocketConfig {
            write_stall: Duration::from_millis(500),
            close_timeout: Duration::from_millis(500),
            ..Default::default()
        };
        let router = Router::new()
            .websocket("/echo", echo)
            .websocket("/headers", keeps_headers)
            .websocket("/cookies", keeps_cookies)
            .websocket("/binary", echo)
            .websocket("/static", fixed)
            .websocket("/returns", returns)
            .websocket("/fails", fails)
            .websocket("/panics", panics)
            .websocket("/stalls", stalls)
            .websocket("/sleeps", sleeps)
            .websocket_config(config);
        let bound =
            runtime.block_on(ignitia::Server::new(router, ([127, 0, 0, 1], 0).into()).bind()).unwrap();
        let addr = bound.local_addr();
        runtime.spawn(bound.ignitia());
        Self { addr, runtime }
    }

    /// A socket, and the request that would open a WebSocket on it.
    fn knock(&self, path: &str) -> (TcpStream, String) {
        let stream = TcpStream::connect(self.addr).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        (stream, request)
    }

    /// Leaves somewhere in the middle of the request, or right behind it.
    fn abandon_handshake(&self, round: usize) {
        let (mut stream, request) = self.knock("/echo");
        let most = request.len() - round % request.len();
        stream.write_all(&request.as_bytes()[..most]).unwrap();
    }

    fn connect(&self, path: &str) -> Client {
        self.connect_with(path, "")
    }

    /// With more header lines.
    fn connect_with(&self, path: &str, lines: &str) -> Client {
        let (mut stream, request) = self.knock(path);
        let request = format!("{}{lines}\r\n", request.strip_suffix("\r\n").unwrap());
        stream.write_all(request.as_bytes()).unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            head.push(byte[0]);
        }
        assert!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
        Client { stream, opcode: if path == "/binary" { 0x82 } else { 0x81 } }
    }
}

/// A blocking client without buffers of its own.
struct Client {
    stream: TcpStream,
    opcode: u8,
}

impl Client {
    /// Closes as it should be, and waits until the server has closed the transport.
    fn close(mut self) {
        self.stream.write_all(b"\x88\x82\0\0\0\0\x03\xe8").unwrap();
        self.read_to_end();
    }

    /// Ends its own direction only, and waits for the server to end the other.
    fn half_close(mut self) {
        self.stream.shutdown(Shutdown::Write).unwrap();
        self.read_to_end();
    }

    fn read_to_end(&mut self) {
        while self.stream.read(&mut [0; 1024]).is_ok_and(|n| n > 0) {}
    }

    /// Goes away with an echo unread, which makes the kernel send a reset.
    fn reset(mut self) {
        self.stream.write_all(b"\x81\x81\0\0\0\0x").unwrap();
        self.stream.peek(&mut [0]).unwrap();
    }

    fn echo(&mut self, payload: &[u8]) {
        // A mask of zeros leaves the payload as it is.
        let mut head = [0; 14];
        head[0] = self.opcode;
        let size = match payload.len() {
            n @ 0..=125 => {
                head[1] = 0x80 | n as u8;
                6
            }
            n @ 126..=65_535 => {
                head[1] = 0xfe;
                head[2..4].copy_from_slice(&(n as u16).to_be_bytes());
                8
            }
            n => {
                head[1] = 0xff;
                head[2..10].copy_from_slice(&(n as u64).to_be_bytes());
                14
            }
        };
        self.stream.write_all(&head[..size]).unwrap();
        self.stream.write_all(payload).unwrap();
        // The answer has no mask.
        let mut left = size - 4 + payload.len();
        let mut buffer = [0; 16 << 10];
        while left > 0 {
            let most = left.min(buffer.len());
            let n = self.stream.read(&mut buffer[..most]).unwrap();
            assert!(n > 0, "the server closed");
            left -= n;
        }
    }
}

fn heap() -> isize {
    let stats = HEAP.stats();
    stats.bytes_allocated as isize - stats.bytes_deallocated as isize
}

/// The heap once it has stopped shrinking: the server's side is asynchronous.
fn settled_heap() -> isize {
    let mut last = heap();
    let mut steady = 0;
    while steady < 5 {
        std::thread::sleep(Duration::from_millis(20));
        let now = heap();
        steady = if now == last { steady + 1 } else { 0 };
        last = now;
    }
    last
}

#[derive(Default)]
struct Report {
    broken: Vec<String>,
}

impl Report {
    fn line(&mut self, what: &str, value: f64, most: f64) {
        println!("{what:<60} {value:>10.1}   (at most {most:.1})");
        if value > most {
            self.broken.push(format!("{what}: {value:.1}, at most {most:.1}"));
        }
    }

    fn finish(self) {
        assert!(self.broken.is_empty(), "broken promises: {:#?}", self.broken);
    }
}
