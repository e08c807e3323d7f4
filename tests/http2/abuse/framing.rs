//! Frames that break RFC 9113.
//!
//! For errors with a narrower code in the RFC (FRAME_SIZE_ERROR for a PING of seven bytes), h2 says
//! PROTOCOL_ERROR, as section 5.4 allows.

use super::{
    Answer::{self, GoAway, Nothing, Reset},
    FLOW_CONTROL_ERROR, FRAME_SIZE_ERROR, PROTOCOL_ERROR, STREAM, STREAM_CLOSED, answers,
    wire::{
        ACK, CONNECT, CONTINUATION, DATA, END_HEADERS, END_STREAM, GET, GOAWAY, HEADERS, PADDED, PING,
        PRIORITY, PUSH_PROMISE, RST_STREAM, SETTINGS, WINDOW_UPDATE, WITH_PRIORITY, block, data, frame, get,
        headers, reset, settings, window_update,
    },
};

/// Payload of h2's ping at a graceful end: an unsolicited answer to it must not begin such an end.
const SHUTDOWN_PING: [u8; 8] = [0x0b, 0x7b, 0xa2, 0xf0, 0x8b, 0x9b, 0xfe, 0x54];

#[tokio::test]
async fn malformed_settings_are_refused() {
    let long = vec![0; 16_385];
    answers(vec![
        ("settings on a stream", frame(SETTINGS, 0, 1, b""), GoAway(PROTOCOL_ERROR)),
        ("settings of five bytes", frame(SETTINGS, 0, 0, &[0; 5]), GoAway(PROTOCOL_ERROR)),
        ("an acknowledgement with a payload", frame(SETTINGS, ACK, 0, &[0; 6]), GoAway(PROTOCOL_ERROR)),
        ("an acknowledgement of nothing", frame(SETTINGS, ACK, 0, b""), GoAway(PROTOCOL_ERROR)),
        ("a push switch of 2", settings(&[(2, 2)]), GoAway(PROTOCOL_ERROR)),
        ("a window of 2 GiB", settings(&[(4, 1 << 31)]), GoAway(PROTOCOL_ERROR)),
        ("frames of 16 KiB less one", settings(&[(5, (1 << 14) - 1)]), GoAway(PROTOCOL_ERROR)),
        ("frames of 16 MiB", settings(&[(5, 1 << 24)]), GoAway(PROTOCOL_ERROR)),
        ("a CONNECT switch of 2", settings(&[(8, 2)]), GoAway(PROTOCOL_ERROR)),
        ("an unknown parameter", settings(&[(0xffff, u32::MAX)]), Nothing),
        ("every parameter a thousand times", settings(&[(3, 0), (4, 1 << 16)].repeat(1_000)), Nothing),
        ("a frame larger than we allow", frame(SETTINGS, 0, 0, &long), GoAway(FRAME_SIZE_ERROR)),
    ])
    .await;
}

#[tokio::test]
async fn malformed_pings_are_refused() {
    answers(vec![
        ("a ping of seven bytes", frame(PING, 0, 0, &[0; 7]), GoAway(PROTOCOL_ERROR)),
        ("a ping of nine bytes", frame(PING, 0, 0, &[0; 9]), GoAway(PROTOCOL_ERROR)),
        ("a ping on a stream", frame(PING, 0, 1, &[0; 8]), GoAway(PROTOCOL_ERROR)),
        ("an answer to no ping", frame(PING, ACK, 0, &[7; 8]), Nothing),
        ("an answer to the ping of a graceful end", frame(PING, ACK, 0, &SHUTDOWN_PING), Nothing),
    ])
    .await;
}

#[tokio::test]
async fn data_on_a_wrong_stream_is_refused() {
    let ended = get(STREAM, &GET);
    let cancelled = [headers(STREAM, &CONNECT), reset(STREAM, 8)].concat();
    answers(vec![
        ("data on no stream", data(0, b"x"), GoAway(PROTOCOL_ERROR)),
        ("data on an idle stream", data(STREAM, b"x"), GoAway(PROTOCOL_ERROR)),
        ("data on a stream of the server's", data(2, b"x"), GoAway(PROTOCOL_ERROR)),
        (
            "data behind the end of a stream",
            [&ended[..], &data(STREAM, b"x")].concat(),
            GoAway(PROTOCOL_ERROR),
        ),
        ("data behind a reset", [&cancelled[..], &data(STREAM, b"x")].concat(), Reset(STREAM_CLOSED)),
        (
            "an end behind the end",
            [&ended[..], &frame(DATA, END_STREAM, STREAM, b"")].concat(),
            GoAway(PROTOCOL_ERROR),
        ),
        ("padding longer than its frame", frame(DATA, PADDED, 1, b"\x05x"), GoAway(PROTOCOL_ERROR)),
        ("padding without its length", frame(DATA, PADDED, 1, b""), GoAway(PROTOCOL_ERROR)),
        ("a frame larger than we allow", data(1, &[0; 16_385]), GoAway(FRAME_SIZE_ERROR)),
    ])
    .await;
}

#[tokio::test]
async fn forbidden_streams_are_refused() {
    answers(vec![
        ("a request on no stream", headers(0, &CONNECT), GoAway(PROTOCOL_ERROR)),
        ("a request on an even stream", headers(4, &CONNECT), GoAway(PROTOCOL_ERROR)),
        ("a stream below one that was used", [get(7, &GET), get(5, &GET)].concat(), GoAway(PROTOCOL_ERROR)),
        ("a reset of no stream", reset(0, 8), GoAway(PROTOCOL_ERROR)),
        ("a reset of an idle stream", reset(STREAM, 8), GoAway(PROTOCOL_ERROR)),
        ("a reset of three bytes", frame(RST_STREAM, 0, 1, &[0; 3]), GoAway(PROTOCOL_ERROR)),
        ("a priority of no stream", frame(PRIORITY, 0, 0, &[0; 5]), GoAway(PROTOCOL_ERROR)),
        ("a priority of four bytes", frame(PRIORITY, 0, 1, &[0; 4]), GoAway(PROTOCOL_ERROR)),
        (
            "a stream that depends on itself",
            frame(
                HEADERS,
                END_HEADERS | WITH_PRIORITY,
                3,
                &[&[0, 0, 0, 3, 0], &block(&CONNECT)[..]].concat(),
            ),
            Reset(PROTOCOL_ERROR),
        ),
        ("a push by a client", frame(PUSH_PROMISE, END_HEADERS, 1, &[0, 0, 0, 2]), GoAway(PROTOCOL_ERROR)),
        ("a GOAWAY on a stream", frame(GOAWAY, 0, 1, &[0; 8]), GoAway(PROTOCOL_ERROR)),
        ("a GOAWAY of seven bytes", frame(GOAWAY, 0, 0, &[0; 7]), GoAway(PROTOCOL_ERROR)),
        ("a frame of no known kind", frame(0xee, 0xff, 99, b"whatever"), Nothing),
        (
            "a frame of no known kind that is too large",
            frame(0xee, 0, 0, &[0; 16_385]),
            GoAway(FRAME_SIZE_ERROR),
        ),
    ])
    .await;
}

#[tokio::test]
async fn windows_that_overflow_are_refused() {
    let most = (1 << 31) - 1;
    answers(vec![
        ("a window update of nothing", window_update(0, 0), GoAway(PROTOCOL_ERROR)),
        (
            "a window update of nothing on a stream",
            [headers(STREAM, &CONNECT), window_update(STREAM, 0)].concat(),
            GoAway(PROTOCOL_ERROR),
        ),
        ("a window update of an idle stream", window_update(STREAM, 1), GoAway(PROTOCOL_ERROR)),
        ("a window update of three bytes", frame(WINDOW_UPDATE, 0, 0, &[0; 3]), GoAway(PROTOCOL_ERROR)),
        ("a window of the connection that overflows", window_update(0, most), GoAway(FLOW_CONTROL_ERROR)),
        (
            "a window of a stream that overflows",
            [headers(STREAM, &CONNECT), window_update(STREAM, most)].concat(),
            Reset(FLOW_CONTROL_ERROR),
        ),
        (
            "an initial window that overflows one that was raised",
            [window_update(1, most - 65_535), settings(&[(4, 65_536)])].concat(),
            GoAway(FLOW_CONTROL_ERROR),
        ),
        ("an initial window that shrinks below what was used", settings(&[(4, 0), (4, 65_535)]), Nothing),
    ])
    .await;
}

#[tokio::test]
async fn interrupted_header_blocks_are_refused() {
    let whole = block(&CONNECT);
    let begun = frame(HEADERS, 0, STREAM, &whole[..20]);
    let rest = |stream| frame(CONTINUATION, END_HEADERS, stream, &whole[20..]);
    answers(vec![
        ("a continuation of nothing", rest(STREAM), GoAway(PROTOCOL_ERROR)),
        (
            "a continuation of a finished head",
            [headers(STREAM, &CONNECT), frame(CONTINUATION, END_HEADERS, STREAM, b"")].concat(),
            GoAway(PROTOCOL_ERROR),
        ),
        ("a continuation of another stream", [&begun[..], &rest(1)].concat(), GoAway(PROTOCOL_ERROR)),
        ("a ping in a head", [&begun[..], &frame(PING, 0, 0, &[0; 8])].concat(), GoAway(PROTOCOL_ERROR)),
        ("data in a head", [&begun[..], &data(1, b"x")].concat(), GoAway(PROTOCOL_ERROR)),
        (
            "an unknown frame in a head",
            [&begun[..], &frame(0xee, 0, 0, b"")].concat(),
            GoAway(PROTOCOL_ERROR),
        ),
        ("a head in two frames", [&begun[..], &rest(STREAM)].concat(), Answer::Status(200)),
        ("an HPACK index of nothing", frame(HEADERS, END_HEADERS, STREAM, b"\x80"), GoAway(PROTOCOL_ERROR)),
        (
            "an HPACK index beyond the table",
            frame(HEADERS, END_HEADERS, STREAM, b"\xff\x7f"),
            GoAway(PROTOCOL_ERROR),
        ),
        (
            "an HPACK integer that overflows",
            frame(HEADERS, END_HEADERS, STREAM, &[0xff; 12]),
            GoAway(PROTOCOL_ERROR),
        ),
        (
            "an HPACK table beyond the limit",
            frame(HEADERS, END_HEADERS, STREAM, b"\x3f\xff\xff\x03"),
            GoAway(PROTOCOL_ERROR),
        ),
        (
            "an HPACK string without its end",
            frame(HEADERS, END_HEADERS, STREAM, b"\x00\x7fx"),
            GoAway(PROTOCOL_ERROR),
        ),
        (
            "an HPACK string that is no code of Huffman's",
            frame(HEADERS, END_HEADERS, STREAM, b"\x00\x84\xff\xff\xff\xff\x01x"),
            GoAway(PROTOCOL_ERROR),
        ),
    ])
    .await;
}
