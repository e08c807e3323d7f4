//! Paths: templates of the macro, routers of all shapes, and what extractors make of a target. Nothing panics, what is
//! accepted works, and what was built into a path comes out of it.

#![no_main]

use std::sync::{Arc, Mutex};

use arbitrary::Unstructured;
use axum::body::Body;
use fuzz::{
    cut,
    paths::{Routes, Values, check_template, cookies, values},
    serve, simulate,
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
            let Ok(routes) = Unstructured::new(rest).arbitrary::<Routes>() else { return };
            if let Ok(routes) = routes.router().into_axum() {
                for target in ["/", "/a", "/a/b", "/%2F/x", "//", "/a/"] {
                    let status = simulate(ask(routes.clone(), target)).expect("a good target");
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

/// Whether a route is found at a target; nothing, if that is none.
fn reaches(route: &str, target: &str) -> Option<bool> {
    let router = Router::new().websocket(route, async |_: WebSocketConnection| Response::ok());
    let routes = router.into_axum().expect("what the macro accepts is a path");
    simulate(ask(routes, target)).map(|status| status == 426)
}

/// The status of a plain GET.
async fn ask(mut routes: axum::Router, target: &str) -> Option<u16> {
    let request = Request::get(target).body(Body::empty()).ok()?;
    let Ok(answer) = routes.call(request).await;
    Some(answer.status().as_u16())
}

type Notes = Arc<Mutex<Option<(Values, Vec<(String, String)>, Vec<Vec<u8>>)>>>;

#[websocket("/p/<room>/<number>/<rest..>")]
async fn probe(
    room: String,
    number: u32,
    rest: String,
    Query(query): Query<Vec<(String, String)>>,
    cookies: Cookies,
    headers: Headers,
    State(notes): State<Notes>,
    _: WebSocketConnection,
) -> Response {
    let cookies = cookies.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let lines = headers.get_all("cookie").iter().map(|line| line.as_bytes().to_vec()).collect();
    *notes.lock().expect("no panic is survived") =
        Some((Values { room, number, rest, query }, cookies, lines));
    Response::forbidden("seen")
}

/// Asks for a target, with these cookies; the status, and what the extractors made of it.
fn exchange(target: &[u8], lines: &[&[u8]], notes: &Notes) -> u16 {
    let shutdown = Shutdown::new();
    let router = Router::new().state(notes.clone()).mount(probe).shutdown(shutdown.clone());
    let mut head = [b"GET ", target, b" HTTP/1.1\r\n"].concat();
    for line in lines {
        head.extend([&b"Cookie: "[..], line, b"\r\n"].concat());
    }
    head.extend(
        b"Host: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
          Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    );
    let routes = router.into_axum().expect("one route");
    let sent = simulate(serve(routes, &shutdown, cut(&head, &[]), 0));
    let status = sent.strip_prefix(b"HTTP/1.1 ").and_then(|rest| rest.first_chunk::<3>()).expect("an answer");
    str::from_utf8(status).ok().and_then(|status| status.parse().ok()).expect("a status")
}

fn extract(target: &[u8], lines: &[&[u8]]) {
    let notes = Notes::default();
    let status = exchange(target, lines, &notes);
    let noted = notes.lock().expect("no panic is survived").take();
    match (values(target), noted) {
        (Ok(expected), Some((values, found, received))) => {
            assert_eq!((status, values), (403, expected));
            assert_eq!(found, cookies(lines));
            assert_eq!(received, joined(lines));
        }
        (Err(statuses), None) => assert!(statuses.contains(&status), "{status}, and not {statuses:?}"),
        (expected, found) => panic!("{status}: {found:?} instead of {expected:?}"),
    }
}

/// Several lines are one; RFC 9113, section 8.2.3.
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

/// What goes into a path comes out of it.
fn build(room: &str, number: u32, rest: &str) {
    let notes = Notes::default();
    let status = exchange(probe::uri(room, number, rest).as_bytes(), &[], &notes);
    let noted = notes.lock().expect("no panic is survived").take();
    if rest.is_empty() {
        assert_eq!((status, noted.is_none()), (404, true), "an empty tail is none");
        return;
    }
    let (values, ..) = noted.expect("a path that was built is found");
    assert_eq!((&*values.room, values.number, &*values.rest), (room, number, rest));
}
