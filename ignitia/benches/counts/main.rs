//! Costs as counts: heap per connection, allocations per message, and resources that remain after a
//! connection. Prints a table, and fails if a limit is exceeded.
//!
//! The allocator counts all allocations of this process. The clients are blocking sockets, which
//! allocate nothing while they are idle. Memory of the kernel, and of hyper before the upgrade, is
//! excluded: a connection is measured once it is open and idle.

#![allow(clippy::unwrap_used, reason = "an unexpected error must fail the bench")]

mod client;
#[cfg(feature = "compression")]
mod compression;
#[cfg(feature = "compression")]
mod compression_routes;
mod handlers;
mod heap;
mod limits;
mod server;

use std::{
    io::Write,
    time::{Duration, Instant},
};

use self::{
    client::EchoClient,
    handlers::INTENDED_PANIC,
    heap::{allocations, settled_heap},
    limits::LimitTable,
    server::MeasuredServer,
};

/// Number of connections for which the heap per connection is measured.
const CONNECTIONS: usize = 2_000;

/// Bytes of a large message.
const LARGE: usize = 1 << 20;

/// Number of connections that are opened and ended.
const ENDED: usize = 1_000;

fn main() {
    // Test runners list the tests first; a bench without a harness has none.
    if std::env::args().any(|argument| argument == "--list") {
        return;
    }
    // Descriptors for both ends of every connection.
    let descriptors = rlimit::increase_nofile_limit(3 * CONNECTIONS as u64).unwrap();
    assert!(descriptors > 2 * CONNECTIONS as u64 + 100, "only {descriptors} descriptors are available");
    let server = MeasuredServer::start();
    let mut table = LimitTable::default();
    #[cfg(feature = "compression")]
    compression::measure(&server, &mut table);
    idle_connections(&server, &mut table);
    large_heads(&server, &mut table);
    declared_lengths(&server, &mut table);
    allocations_per_message(&server, &mut table);
    endings(&server, &mut table);
    table.finish();
}

/// Measures the heap per idle connection: new, after a small message, after a large one.
fn idle_connections(server: &MeasuredServer, table: &mut LimitTable) {
    // The first connection allocates what the process needs once.
    let mut first = server.connect("/echo");
    first.echo(&[b'x'; LARGE]);
    let mut clients = Vec::with_capacity(CONNECTIONS);
    let before = settled_heap();
    for _ in 0..CONNECTIONS {
        clients.push(server.connect("/echo"));
    }
    let per_connection = |heap: isize| (heap - before) as f64 / CONNECTIONS as f64;
    let fresh = per_connection(settled_heap());
    table.check("heap per new idle connection, bytes", fresh, 3_072.0);
    clients.iter_mut().for_each(|client| client.echo(&[b'x'; 20]));
    let used = per_connection(settled_heap());
    table.check("heap per idle connection after a 20-byte echo, bytes", used, 3_328.0);
    clients.iter_mut().for_each(|client| client.echo(&[b'x'; LARGE]));
    let after_large = per_connection(settled_heap());
    table.check("heap per idle connection after a 1 MiB echo, bytes", after_large, used * 1.1);
    drop(clients);
    let leftover = settled_heap() - before;
    table.check(
        "heap left after all have closed, bytes per connection",
        leftover as f64 / CONNECTIONS as f64,
        64.0,
    );
}

/// Measures the heap that keeps the head of a request while the handler runs: none, or at most the
/// bytes of the head if the handler holds an extractor.
fn large_heads(server: &MeasuredServer, table: &mut LimitTable) {
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
            let clients: Vec<EchoClient> = (0..HEADS).map(|_| server.connect_with(path, &lines)).collect();
            let heap = (settled_heap() - before) as f64 / HEADS as f64;
            let most = if path == "/echo" { 3_072 } else { 4_096 + sent };
            table.check(&format!("heap per idle connection, {path}, {name}"), heap, most as f64);
            drop(clients);
        }
    }
}

/// Checks that the heap grows with the bytes that a peer has sent, not with the length that a frame
/// header declares.
fn declared_lengths(server: &MeasuredServer, table: &mut LimitTable) {
    const FRAMES: usize = 200;
    let mut clients: Vec<EchoClient> = (0..FRAMES).map(|_| server.connect("/echo")).collect();
    let before = settled_heap();
    for client in &mut clients {
        client.stream.write_all(b"\x81\xff\0\0\0\0\0\x10\0\0\0\0\0\0only this").unwrap();
    }
    let heap = (settled_heap() - before) as f64 / FRAMES as f64;
    // The state of a frame that arrives in pieces has 72 bytes. The buffer of its payload is
    // allocated for the first ones.
    table.check("heap for a header that declares 1 MiB and 9 bytes of it", heap, 128.0);
    drop(clients);
}

/// Measures the allocations per message on a warm connection.
fn allocations_per_message(server: &MeasuredServer, table: &mut LimitTable) {
    const MESSAGES: usize = 1_000;
    for (name, path, most) in [
        ("text echo by Message", "/echo", 0.1),
        ("text received, &str sent", "/static", 1.1),
        ("binary echo", "/binary", 0.1),
        ("binary received, a Vec sent by try_send", "/tries", 1.1),
    ] {
        let mut client = server.connect(path);
        client.echo(&[b'x'; 100]);
        settled_heap();
        let before = allocations();
        for _ in 0..MESSAGES {
            client.echo(&[b'x'; 100]);
        }
        let allocations = allocations() - before;
        table.check(
            &format!("allocations per ping-pong, {name}"),
            allocations as f64 / MESSAGES as f64,
            most,
        );
    }
}

/// Checks that connections release all resources, for every way to end one.
fn endings(server: &MeasuredServer, table: &mut LimitTable) {
    // The backtrace of an intended panic would leave symbol tables on the heap.
    let report_panic = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let message = panic.payload().downcast_ref::<String>().map(String::as_str);
        if message.or_else(|| panic.payload().downcast_ref::<&str>().copied()) != Some(INTENDED_PANIC) {
            report_panic(panic);
        }
    }));
    let tasks = || server.runtime.metrics().num_alive_tasks();
    let (heap_before, tasks_before, files_before) = (settled_heap(), tasks(), open_files());
    let mut stalled = Vec::new();
    for round in 0..ENDED / 10 {
        // Ends by the handler, then ends by the client.
        for path in ["/echo", "/returns", "/fails", "/panics", "/sleeps"] {
            server.connect(path).close();
        }
        server.connect("/echo").reset();
        server.connect("/echo").half_close();
        drop(server.connect("/echo"));
        server.abandon_handshake(round);
        stalled.push(server.connect("/stalls"));
    }
    // The server must drop the stalled connections although their clients stay.
    let deadline = Instant::now() + Duration::from_secs(60);
    while (tasks() > tasks_before || open_files() > files_before + stalled.len()) && Instant::now() < deadline
    {
        std::thread::sleep(Duration::from_millis(20));
    }
    drop(stalled);
    table.check("tasks left by a thousand ends", tasks() as f64 - tasks_before as f64, 0.0);
    table.check("descriptors left by a thousand ends", open_files() as f64 - files_before as f64, 0.0);
    let left = (settled_heap() - heap_before) as f64 / ENDED as f64;
    table.check("heap left by a thousand ends, bytes each", left, 64.0);
    server.connect("/echo").echo(b"still here");
}

/// Returns the number of open descriptors.
fn open_files() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}
