//! Fuzzes paths: templates of the macro, arbitrary routers, and extraction from targets. Nothing
//! may panic, accepted paths must be found, and values must survive the way into a path and back.

#![no_main]

use std::sync::{Arc, Mutex};

use arbitrary::Unstructured;
use axum::body::Body;
use fuzz::{
    paths::{PathValues, RouterInput, check_template, cookies, values},
    serve, simulate, split,
};
use http::Request;
use ignitia::{
    Cookies, Headers, Query, Response, ResponseExt, Router, Shutdown, State, WebSocketConnection, websocket,
};
use libfuzzer_sys::fuzz_target;
use tower_service::Service;

fuzz_target!(|input: &[u8]| {
    let Some((kind, rest)) = input.split_first() else { return };
    let mut parts = rest.split(|byte| *byte == b'\n');
    match kind % 4 {
        0 => check_template(&String::from_utf8_lossy(rest), reaches),
        1 => {
            let Ok(routes) = Unstructured::new(rest).arbitrary::<RouterInput>() else { return };
            if let Ok(routes) = routes.router().into_axum() {
                for target in ["/", "/a", "/a/b", "/%2F/x", "//", "/a/"] {
                    let status = simulate(get(routes.clone(), target)).expect("a good target");
                    assert!(matches!(status, 200 | 404 | 405 | 426), "{status} for {target}");
                }
            }
        }
        2 => {
            let target = [b"/p/", parts.next().unwrap_or_default()].concat();
            let lines: Vec<&[u8]> = parts.take(3).collect();
            if lines.iter().all(|line| is_one_line(line))
                && target.iter().all(|byte| *byte > b' ' && *byte != 0x7f)
            {
                extract(&target, &lines);
            }
        }
        _ => {
            let (room, rest) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            let (Ok(room), Ok(rest)) = (str::from_utf8(room), str::from_utf8(rest)) else { return };
            build(room, u32::from(*kind) << 24, rest);
        }
    }
});

fn is_one_line(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte == b'\t' || *byte >= b' ' && *byte != 0x7f)
}

/// Returns true if the route is found at a target, or `None` if the target is invalid.
fn reaches(route: &str, target: &str) -> Option<bool> {
    let router = Router::new().websocket(route, async |_: WebSocketConnection| Response::ok());
    let routes = router.into_axum().expect("the macro accepts valid paths only");
    simulate(get(routes, target)).map(|status| status == 426)
}

/// Sends a plain GET, and returns the status.
async fn get(mut routes: axum::Router, target: &str) -> Option<u16> {
    let request = Request::get(target).body(Body::empty()).ok()?;
    let Ok(answer) = routes.call(request).await;
    Some(answer.status().as_u16())
}

/// Values, cookies and cookie lines that the handler has extracted.
type Extracted = Arc<Mutex<Option<(PathValues, Vec<(String, String)>, Vec<Vec<u8>>)>>>;

#[websocket("/p/<room>/<number>/<rest..>")]
async fn probe(
    room: String,
    number: u32,
    rest: String,
    Query(query): Query<Vec<(String, String)>>,
    cookies: Cookies,
    headers: Headers,
    State(extracted): State<Extracted>,
    _: WebSocketConnection,
) -> Response {
    let cookies = cookies.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let lines = headers.get_all("cookie").iter().map(|line| line.as_bytes().to_vec()).collect();
    *extracted.lock().expect("no thread has panicked") =
        Some((PathValues { room, number, rest, query }, cookies, lines));
    Response::forbidden("seen")
}

/// Requests a target with these cookies, and returns the status.
fn exchange(target: &[u8], lines: &[&[u8]], extracted: &Extracted) -> u16 {
    let shutdown = Shutdown::new();
    let router = Router::new().state(extracted.clone()).mount(probe).shutdown(shutdown.clone());
    let mut head = [b"GET ", target, b" HTTP/1.1\r\n"].concat();
    for line in lines {
        head.extend([&b"Cookie: "[..], line, b"\r\n"].concat());
    }
    head.extend(
        b"Host: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
          Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    );
    let routes = router.into_axum().expect("one route");
    let sent = simulate(serve(routes, &shutdown, split(&head, &[]), 0));
    let status = sent.strip_prefix(b"HTTP/1.1 ").and_then(|rest| rest.first_chunk::<3>()).expect("an answer");
    str::from_utf8(status).ok().and_then(|status| status.parse().ok()).expect("a status")
}

fn extract(target: &[u8], lines: &[&[u8]]) {
    let extracted = Extracted::default();
    let status = exchange(target, lines, &extracted);
    let found = extracted.lock().expect("no thread has panicked").take();
    match (values(target), found) {
        (Ok(expected), Some((values, found, received))) => {
            assert_eq!((status, values), (403, expected));
            assert_eq!(found, cookies(lines));
            assert_eq!(received, joined(lines));
        }
        (Err(statuses), None) => assert!(statuses.contains(&status), "{status} instead of {statuses:?}"),
        (expected, found) => panic!("{status}: {found:?} instead of {expected:?}"),
    }
}

/// Joins several lines to one (RFC 9113, section 8.2.3).
fn joined(lines: &[&[u8]]) -> Vec<Vec<u8>> {
    let mut lines: Vec<&[u8]> = lines.iter().map(|line| trim(line)).collect();
    if lines.len() > 1 {
        lines.retain(|line| !line.is_empty());
        return vec![lines.join(&b"; "[..])];
    }
    lines.into_iter().map(<[u8]>::to_vec).collect()
}

fn trim(line: &[u8]) -> &[u8] {
    let is_text = |byte: &u8| *byte != b' ' && *byte != b'\t';
    let start = line.iter().position(is_text).unwrap_or(line.len());
    let end = line.iter().rposition(is_text).map_or(start, |last| last + 1);
    &line[start..end]
}

/// Builds a path from values, and checks that the extractors return the same values.
fn build(room: &str, number: u32, rest: &str) {
    let extracted = Extracted::default();
    let status = exchange(probe::uri(room, number, rest).as_bytes(), &[], &extracted);
    let found = extracted.lock().expect("no thread has panicked").take();
    if rest.is_empty() {
        assert_eq!((status, found.is_none()), (404, true), "an empty tail is not found");
        return;
    }
    let (values, ..) = found.expect("a built path is found");
    assert_eq!((&*values.room, values.number, &*values.rest), (room, number, rest));
}
