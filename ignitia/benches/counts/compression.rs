//! Memory of compression: of a connection in each mode, and of a thread.

use std::io::Write;

use zlib_rs::{Deflate, DeflateConfig, DeflateFlush, Inflate};

use super::{client::EchoClient, heap::settled_heap, limits::LimitTable, server::MeasuredServer};

/// Number of connections for which the heap per connection is measured.
const CONNECTIONS: usize = 500;

/// Number of connections with an incomplete message.
const INCOMPLETE: usize = 50;

/// Bytes of a message.
const MESSAGE: usize = 4 << 10;

/// Offer of a client whose window may be limited.
const OFFER: &str = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";

/// Paths of the routes, with the bytes that `Compression` promises for the windows of one of their
/// connections.
const MODES: [(&str, usize); 4] =
    [("/shared", 0), ("/dedicated/9", 2 << 9), ("/dedicated/12", 2 << 12), ("/dedicated/15", 2 << 15)];

/// Most memory of a connection with compression, besides its windows.
const BESIDES: usize = 64;

/// KiB of a compressor, at most, as the documentation of `Compression` has it.
const COMPRESSOR: f64 = 280.0;

/// KiB of a decompressor, at most, as the documentation has it. It is what an incomplete message is
/// charged for.
const DECOMPRESSOR: f64 = 48.0;

/// KiB that a thread keeps for the output of either, at most.
const OUTPUT: f64 = 64.0;

/// Measures what a thread keeps, and what connections do. Nothing may have been compressed before.
pub(super) fn measure(server: &MeasuredServer, table: &mut LimitTable) {
    thread(server, table);
    idle_connections(server, table);
    incomplete_messages(server, table);
}

/// Measures a compressor and a decompressor, then what the server's only thread keeps: both, with
/// memory for their output.
fn thread(server: &MeasuredServer, table: &mut LimitTable) {
    let before = settled_heap();
    let mut kib = |what, most| {
        table.check(what, (settled_heap() - before) as f64 / 1_024.0, most);
    };
    // As those of a thread are made.
    let config = DeflateConfig { level: 1, window_bits: -15, mem_level: 5, ..DeflateConfig::default() };
    let deflate = Deflate::new_with_config(config);
    kib("heap of a compressor, KiB", COMPRESSOR);
    drop(deflate);
    let inflate = Box::new(Inflate::new(false, 15));
    kib("heap of a decompressor, KiB", DECOMPRESSOR);
    drop(inflate);
    let message = compressed_frame(0xc1);
    let mut silent = server.connect_with("/silent", OFFER);
    let mut shared = server.connect_with("/shared", OFFER);
    let before = settled_heap();
    let mut kib = |what, most| {
        table.check(what, (settled_heap() - before) as f64 / 1_024.0, most);
    };
    // The pong comes behind the message before it: that was decompressed, and waits.
    silent.stream.write_all(&message).unwrap();
    silent.ping();
    let waits = 2.0 * MESSAGE as f64 / 1_024.0;
    kib("heap of a thread that decompresses, KiB", DECOMPRESSOR + OUTPUT + waits);
    shared.exchange(&message);
    let both = DECOMPRESSOR + COMPRESSOR + 2.0 * OUTPUT;
    kib("heap of a thread that compresses as well, KiB", both + waits);
}

/// Measures the heap per idle connection in each mode, once its windows are full.
fn idle_connections(server: &MeasuredServer, table: &mut LimitTable) {
    let message = compressed_frame(0xc1);
    let mut without = 0.0;
    for (path, windows) in [("/offered", 0)].into_iter().chain(MODES) {
        let is_off = path == "/offered";
        let exchange = |client: &mut EchoClient| {
            for _ in 0..(windows / MESSAGE).max(2) {
                if is_off { client.echo(&text()) } else { client.exchange(&message) }
            }
        };
        // The first connection leaves what the route needs once.
        exchange(&mut server.connect_with(path, OFFER));
        let before = settled_heap();
        let mut clients: Vec<_> = (0..CONNECTIONS).map(|_| server.connect_with(path, OFFER)).collect();
        let fresh = (settled_heap() - before) as f64 / CONNECTIONS as f64;
        clients.iter_mut().for_each(exchange);
        let used = (settled_heap() - before) as f64 / CONNECTIONS as f64;
        drop(clients);
        let most = if is_off { 3_584.0 } else { without + (windows + BESIDES) as f64 };
        table.check(&format!("heap per new idle connection, {path}"), fresh, most);
        table.check(&format!("heap per idle connection with full windows, {path}"), used, most);
        if is_off {
            without = used;
        }
    }
}

/// Measures the heap of a compressed message whose first fragment has arrived.
fn incomplete_messages(server: &MeasuredServer, table: &mut LimitTable) {
    let mut clients: Vec<_> = (0..INCOMPLETE).map(|_| server.connect_with("/shared", OFFER)).collect();
    let fragment = compressed_frame(0x41);
    let before = settled_heap();
    for client in &mut clients {
        client.stream.write_all(&fragment).unwrap();
        client.ping();
    }
    let heap = (settled_heap() - before) as f64 / INCOMPLETE as f64;
    // What was decompressed has room to grow.
    let text = 2.0 * MESSAGE as f64 / 1_024.0;
    table.check("heap for an incomplete message, compressed, KiB", heap / 1_024.0, DECOMPRESSOR + text);
    drop(clients);
}

/// Returns a frame with the compressed text.
fn compressed_frame(first: u8) -> Vec<u8> {
    let (text, mut output) = (text(), vec![0; MESSAGE]);
    let mut deflate = Deflate::new(6, false, 15);
    deflate.compress(&text, &mut output, DeflateFlush::SyncFlush).unwrap();
    output.truncate(deflate.total_out() as usize - 4);
    let length = u16::try_from(output.len()).unwrap();
    assert!(length > 125);
    // A masking key of zeros leaves the payload unchanged.
    [&[first, 0xfe][..], &length.to_be_bytes(), &[0; 4], &output].concat()
}

fn text() -> Vec<u8> {
    let prices = (0..).map(|n| format!(r#"{{"id":{},"price":{}}},"#, n, n * 7_919 % 1_000));
    prices.flat_map(String::into_bytes).take(MESSAGE).collect()
}
