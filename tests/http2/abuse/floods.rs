//! Floods of HTTP/2 frames. A ping follows each burst: its answer shows that the burst has been
//! handled.

use futures_util::future::join_all;
use ignitia::{prelude::*, websocket::WebSocketConfig};

use super::{
    CANCEL, ENHANCE_YOUR_CALM, REFUSED_STREAM, router, serve,
    wire::{
        ACK, CONNECT, CONTINUATION, GET, GOAWAY, HEADERS, PING, PRIORITY, RST_STREAM, Wire, block, data,
        frame, get, headers, reset, settings, window_update,
    },
};
use crate::support::{Bystander, RunningCount, Transport, heap, is_alone, until};

/// Number of bytes that a flood may leave on the heap.
const LEFT: usize = 1 << 20;

/// Sends bursts until the server ends the connection; returns the number of frames sent.
async fn calmed(wire: &mut Wire, mut burst: impl FnMut(usize) -> Vec<u8>, frames: usize) -> usize {
    for n in 0.. {
        wire.try_send(&burst(n)).await;
        if let Err(said) = wire.probe().await {
            let end =
                said.iter().find(|frame| frame.kind == GOAWAY).expect("the connection ends without a word");
            assert_eq!(end.code(), ENHANCE_YOUR_CALM);
            return (n + 1) * frames;
        }
        assert!(n < 500, "the server takes everything");
    }
    unreachable!()
}

/// CVE-2023-44487: a request and its reset, in one packet with many others.
#[tokio::test]
async fn rapid_resets_in_a_burst_end_the_connection() {
    const PAIRS: usize = 50;
    let server = serve().await;
    let mut bystander = Bystander::of(&server).await;
    for fields in [&CONNECT[..], &GET] {
        let mut wire = Wire::open(server.addr).await;
        let pair = |stream| [headers(stream, fields), reset(stream, CANCEL)].concat();
        let burst = |n: usize| (0..PAIRS).flat_map(|k| pair((2 * (n * PAIRS + k) + 1) as u32)).collect();
        let taken = calmed(&mut wire, burst, PAIRS).await;
        assert_eq!(taken, PAIRS, "more than one burst is taken");
        bystander.is_served().await;
    }
}

/// The same with a pause between them: each request reaches its handler before it is reset.
#[tokio::test]
async fn rapid_resets_one_by_one_leave_nothing_behind() {
    if !is_alone("http2::abuse::floods::rapid_resets_one_by_one_leave_nothing_behind") {
        return;
    }
    let running = RunningCount::default();
    let counter = running.clone();
    let handler = move |mut ws: WebSocketConnection| {
        let here = counter.guard();
        async move {
            while ws.recv().await.is_some() {}
            drop(here);
            Response::ok()
        }
    };
    let server = Transport::Http2.serve(router().websocket("/counted", handler)).await;
    let mut bystander = Bystander::of(&server).await;
    let mut wire = Wire::open(server.addr).await;
    let mut fields = CONNECT;
    fields[3].1 = "/counted";
    let mut before = 0;
    for n in 0..4_000_u32 {
        let stream = 2 * n + 1;
        wire.send(&headers(stream, &fields)).await;
        assert_eq!(wire.about(stream).await.status(), 200);
        wire.send(&reset(stream, CANCEL)).await;
        if n == 1_000 {
            until("the handlers end", || running.get() == 0).await;
            before = heap();
        }
    }
    until("the handlers end", || running.get() == 0).await;
    let grown = heap().saturating_sub(before);
    assert!(grown < LEFT, "{} KiB are left of 3,000 streams", grown >> 10);
    bystander.is_served().await;
}

/// CVE-2025-8671: the client makes the server reset the streams.
#[tokio::test]
async fn streams_that_the_server_has_to_reset_end_the_connection() {
    const STREAMS: usize = 100;
    let server = serve().await;
    let mut bystander = Bystander::of(&server).await;
    let most = (1 << 31) - 1;
    let mut wire = Wire::open(server.addr).await;
    let burst = |n: usize| {
        let streams = (0..STREAMS).map(|k| (2 * (n * STREAMS + k) + 1) as u32);
        streams.flat_map(|stream| [get(stream, &GET), window_update(stream, most)].concat()).collect()
    };
    let taken = calmed(&mut wire, burst, STREAMS).await;
    assert!(taken <= 1_100, "{taken} streams");
    bystander.is_served().await;
}

/// CVE-2024-27316: a head that never ends.
#[tokio::test]
async fn continuations_without_end_end_the_connection() {
    if !is_alone("http2::abuse::floods::continuations_without_end_end_the_connection") {
        return;
    }
    let server = serve().await;
    let mut bystander = Bystander::of(&server).await;
    let field = block(&[("x-long", &"x".repeat(1_000))]);
    let string = [&[0, 0x7f, 0xff, 0xff, 0xff, 0x03][..], &[b'x'; 16_000]].concat();
    for (name, first, more, code) in [
        ("empty ones", block(&CONNECT), Vec::new(), ENHANCE_YOUR_CALM),
        ("with fields", block(&CONNECT), field.repeat(10), ENHANCE_YOUR_CALM),
        ("of one string", string, vec![b'x'; 16_000], ENHANCE_YOUR_CALM),
    ] {
        println!("{name}");
        let mut wire = Wire::open(server.addr).await;
        let before = heap();
        wire.send(&frame(HEADERS, 0, 1, &first)).await;
        let more = frame(CONTINUATION, 0, 1, &more);
        let (mut sent, mut most_held) = (0, 0);
        // A ping is not allowed between continuations.
        while sent < 1_000 && wire.try_send(&more).await {
            tokio::task::yield_now().await;
            most_held = most_held.max(heap().saturating_sub(before));
            sent += 1;
        }
        assert_ne!(sent, 1_000, "the server takes everything");
        assert_eq!(wire.going_away().await, code);
        assert!(most_held < LEFT, "{} KiB", most_held >> 10);
        bystander.is_served().await;
    }
}

/// A flood that only makes work: the work is done, the memory does not grow, and others are served.
#[tokio::test]
async fn frames_that_ask_for_little_leave_nothing_behind() {
    if !is_alone("http2::abuse::floods::frames_that_ask_for_little_leave_nothing_behind") {
        return;
    }
    const FRAMES: usize = 20_000;
    let server = serve().await;
    let mut bystander = Bystander::of(&server).await;
    for (name, one, answers) in [
        ("pings", frame(PING, 0, 0, b"flooding"), FRAMES),
        ("settings", settings(&[(4, 65_535)]), FRAMES),
        ("priorities", frame(PRIORITY, 0, 1, &[0, 0, 0, 0, 7]), 0),
        ("priorities of idle streams", frame(PRIORITY, 0, 0x7fff_ffff, &[0, 0, 0, 0, 7]), 0),
        ("window updates", window_update(0, 1), 0),
        ("window updates of a stream", window_update(1, 1), 0),
        ("window updates of a stream that is over", window_update(3, 1), 0),
        ("resets of a stream that is over", reset(3, CANCEL), 0),
        ("unknown frames", frame(0xee, 0, 0, b"unknown"), 0),
        ("answers to pings", frame(PING, ACK, 0, b"flooding"), 0),
    ] {
        println!("{name}");
        let mut wire = Wire::open(server.addr).await;
        wire.upgrade(1, "/ws").await;
        wire.upgrade(3, "/ws").await;
        wire.send(&reset(3, CANCEL)).await;
        wire.probe().await.unwrap();
        let before = heap();
        let burst = one.repeat(FRAMES / 100);
        let mut answered = 0;
        for _ in 0..100 {
            wire.send(&burst).await;
            let said = wire.probe().await.unwrap_or_else(|said| panic!("{said:?}"));
            answered += said.iter().filter(|frame| frame.flags == ACK && frame.stream == 0).count();
            assert!(said.iter().all(|frame| ![GOAWAY, RST_STREAM].contains(&frame.kind)), "{said:?}");
        }
        assert_eq!(answered, answers);
        let grown = heap().saturating_sub(before);
        assert!(grown < LEFT, "{} KiB", grown >> 10);
        wire.echo(1, name).await;
        bystander.is_served().await;
    }
}

/// The answers are not read. The server stops reading before they fill its memory.
#[tokio::test]
async fn frames_whose_answers_are_not_read_are_not_read_without_bound() {
    if !is_alone("http2::abuse::floods::frames_whose_answers_are_not_read_are_not_read_without_bound") {
        return;
    }
    let server = serve().await;
    let mut bystander = Bystander::of(&server).await;
    let mut wires = Vec::new();
    for one in [frame(PING, 0, 0, b"flooding"), settings(&[(4, 65_535)])] {
        let mut wire = Wire::narrow(server.addr).await;
        wire.begin(&[]).await;
        wires.push((wire, one.repeat((32 << 20) / one.len())));
    }
    let before = heap();
    join_all(wires.iter_mut().map(async |(wire, flood)| {
        let sent = wire.send_until_stuck(flood).await;
        assert!(sent < flood.len() / 2, "{} MiB are taken", sent >> 20);
    }))
    .await;
    let grown = heap().saturating_sub(before);
    assert!(grown < LEFT, "{} KiB", grown >> 10);
    bystander.is_served().await;
}

#[tokio::test]
async fn empty_data_frames_end_the_connection() {
    let server = serve().await;
    let mut bystander = Bystander::of(&server).await;
    let mut wire = Wire::open(server.addr).await;
    wire.upgrade(1, "/ws").await;
    let burst = data(1, b"").repeat(10);
    let taken = calmed(&mut wire, |_| burst.clone(), 10).await;
    assert!((100..=120).contains(&taken), "{taken} frames");
    bystander.is_served().await;
}

/// Each byte of a message has a frame of its own, to handlers that receive nothing: the windows
/// allow a million such frames.
#[tokio::test]
async fn data_frames_of_one_byte_that_are_not_received_are_bounded() {
    if !is_alone("http2::abuse::floods::data_frames_of_one_byte_that_are_not_received_are_bounded") {
        return;
    }
    const STREAMS: usize = 20;
    let config = WebSocketConfig::default().read_ahead_messages(1);
    let deaf = |ws: WebSocketConnection| async move {
        ws.accept().await?;
        ws.closed().await;
        Ok::<_, Error>(Response::ok())
    };
    let server = Transport::Http2.serve(router().websocket_with("/deaf", deaf, config)).await;
    let mut bystander = Bystander::of(&server).await;
    let mut wire = Wire::open(server.addr).await;
    let streams: Vec<u32> = (0..STREAMS as u32).map(|n| 2 * n + 1).collect();
    for stream in &streams {
        wire.upgrade(*stream, "/deaf").await;
        wire.send(&data(*stream, &crate::support::text("not taken"))).await;
    }
    wire.probe().await.unwrap();
    let before = heap();
    let burst = |_| streams.iter().flat_map(|stream| data(*stream, b"\x00").repeat(100)).collect();
    let taken = calmed(&mut wire, burst, 100 * STREAMS).await;
    let grown = heap().saturating_sub(before);
    assert!(grown < 16 << 20, "{} KiB for {taken} frames", grown >> 10);
    bystander.is_served().await;
}

/// Requests by the hundred, without further frames: as many as are allowed are served, every other
/// one is refused.
#[tokio::test]
async fn streams_beyond_the_limit_are_refused() {
    const ALLOWED: usize = 200;
    const ASKED: u32 = 500;
    let server = serve().await;
    let mut bystander = Bystander::of(&server).await;
    let mut wire = Wire::open(server.addr).await;
    let all: Vec<u8> = (0..ASKED).flat_map(|n| headers(2 * n + 1, &CONNECT)).collect();
    wire.send(&all).await;
    let (mut served, mut refused) = (Vec::new(), 0);
    while served.len() + refused < ASKED as usize {
        let frame = wire.next().await.unwrap();
        match frame.kind {
            HEADERS => {
                assert_eq!(frame.status(), 200);
                served.push(frame.stream);
            }
            RST_STREAM => {
                assert_eq!(frame.code(), REFUSED_STREAM);
                refused += 1;
            }
            _ => {}
        }
    }
    assert_eq!((served.len(), refused), (ALLOWED, ASKED as usize - ALLOWED));
    for stream in [served[0], served[ALLOWED - 1]] {
        wire.echo(stream, "served").await;
    }
    bystander.is_served().await;
}
