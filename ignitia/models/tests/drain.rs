//! A drain begins while connections are being upgraded: each is refused, or closed and counted once; the drain returns when
//! nobody is left, and none slips past it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use ignitia_modelled::{
    DrainConfig, Router, Shutdown, StatusCode, WebSocketConnection,
    harness::{self, Frame},
    websocket::WebSocketConfig,
};
use shuttle::{
    future,
    rand::{Rng, thread_rng},
    thread,
};

use crate::{explore, listen, spawn};

/// Handlers that decide at once, a little later, and never.
const PATHS: [&str; 3] = ["/at-once", "/later", "/never"];

/// How many handlers there are.
#[derive(Clone, Default)]
struct Census(Arc<AtomicUsize>);

impl Census {
    fn enter(&self) -> Self {
        self.0.fetch_add(1, Ordering::Relaxed);
        self.clone()
    }

    fn leave(&self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }

    fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

fn routes(shutdown: &Shutdown, census: &Census) -> axum::Router {
    let [at_once, later, never] = [(); 3].map(|()| census.clone());
    Router::new()
        .websocket(PATHS[0], move |ws| counted(at_once.enter(), listen(ws)))
        .websocket(PATHS[1], move |ws| counted(later.enter(), hesitate(ws)))
        .websocket(PATHS[2], move |ws| counted(never.enter(), think(ws)))
        // No model waits for the time.
        .websocket_config(WebSocketConfig { decision_window: None, ..WebSocketConfig::default() })
        .shutdown(shutdown.clone())
        .into_axum()
        .unwrap()
}

async fn counted(census: Census, handler: impl Future<Output = StatusCode>) -> StatusCode {
    struct Leave(Census);

    impl Drop for Leave {
        fn drop(&mut self) {
            self.0.leave();
        }
    }

    let _leave = Leave(census);
    handler.await
}

async fn hesitate(ws: WebSocketConnection) -> StatusCode {
    future::yield_now().await;
    future::yield_now().await;
    listen(ws).await
}

async fn think(_ws: WebSocketConnection) -> StatusCode {
    std::future::pending().await
}

/// One that closes all connections at the same time.
fn shutdown() -> Shutdown {
    Shutdown::with_config(DrainConfig { jitter: Duration::ZERO, ..DrainConfig::default() })
}

/// A client's view: the status, and the frames behind a 101.
type Seen = (u16, Vec<Frame>);

/// Clients of these handlers, each in a thread of its own, and so is what serves it.
fn clients(paths: &[&'static str], shutdown: &Shutdown, census: &Census) -> Vec<thread::JoinHandle<Seen>> {
    let routes = routes(shutdown, census);
    let open = |path: &&'static str| {
        let path = *path;
        let (mut peer, connection) = harness::serve(routes.clone());
        future::spawn(connection);
        spawn(async move {
            let status = peer.open(path).await;
            let frames = if status == 101 { peer.recv_all().await } else { Vec::new() };
            (status, frames)
        })
    };
    paths.iter().map(open).collect()
}

/// Lets the others come so far, or not: a drain that begins with its model finds nobody.
fn wait_a_while() {
    wait(400);
}

fn wait(turns: usize) {
    for _ in 0..thread_rng().gen_range(0..turns) {
        thread::yield_now();
    }
}

/// The frames of those that were opened.
fn opened(clients: Vec<thread::JoinHandle<Seen>>) -> Vec<Vec<Frame>> {
    let seen = clients.into_iter().map(|client| client.join().unwrap());
    let opened = seen.filter_map(|(status, frames)| match status {
        101 => Some(frames),
        503 => None,
        other => panic!("{other} is neither an upgrade nor a refusal"),
    });
    opened.collect()
}

#[test]
fn whoever_is_upgraded_while_a_drain_begins_is_refused_or_closed_and_counted() {
    /// By how many were opened: at most two, since one of the handlers never decides.
    static OPENED: [AtomicUsize; 3] = [const { AtomicUsize::new(0) }; 3];

    explore(|| {
        let (shutdown, census) = (shutdown(), Census::default());
        let clients = clients(&PATHS, &shutdown, &census);
        wait_a_while();
        let report = future::block_on(shutdown.drain());
        assert_eq!(census.count(), 0, "handlers that the drain has not waited for");
        let opened = opened(clients);
        assert!(opened.iter().all(|frames| *frames == [Frame::Close(Some(1001))]), "{opened:?}");
        assert_eq!((report.clean, report.aborted), (opened.len(), 0));
        assert_eq!(census.count(), 0, "a handler that has slipped past the drain");
        OPENED[opened.len()].fetch_add(1, Ordering::Relaxed);
    });
    let seen = OPENED.each_ref().map(|runs| runs.load(Ordering::Relaxed));
    assert!(seen.iter().all(|runs| *runs > 0), "not all that may be was tried: {seen:?}");
}

/// The same with as little else as may be: between any two steps of a handshake.
#[test]
fn nobody_slips_past_a_drain() {
    explore(|| {
        let (shutdown, census) = (shutdown(), Census::default());
        let clients = clients(&PATHS[..1], &shutdown, &census);
        wait(60);
        let report = future::block_on(shutdown.drain());
        assert_eq!(census.count(), 0, "a handler that the drain has not waited for");
        assert_eq!(report.clean, opened(clients).len());
    });
}

#[test]
fn whoever_is_upgraded_while_it_is_cut_short_is_counted_once() {
    explore(|| {
        let (shutdown, census) = (shutdown(), Census::default());
        let clients = clients(&PATHS, &shutdown, &census);
        let abort = {
            let shutdown = shutdown.clone();
            thread::spawn(move || {
                wait_a_while();
                shutdown.abort();
            })
        };
        wait_a_while();
        let report = future::block_on(shutdown.drain());
        assert_eq!(census.count(), 0, "handlers that the drain has not waited for");
        let opened = opened(clients);
        for frames in &opened {
            assert!(
                matches!(frames[..], [] | [Frame::StreamReset] | [Frame::Close(Some(1001))]),
                "{frames:?}"
            );
        }
        assert_eq!(report.clean + report.aborted, opened.len());
        assert_eq!(census.count(), 0, "a handler that has slipped past the drain");
        abort.join().unwrap();
    });
}

/// Two wait for one drain: both see the whole of it.
#[test]
fn two_who_drain_are_told_the_same() {
    explore(|| {
        let (shutdown, census) = (shutdown(), Census::default());
        let clients = clients(&PATHS, &shutdown, &census);
        let other = {
            let shutdown = shutdown.clone();
            spawn(async move {
                wait_a_while();
                shutdown.drain().await
            })
        };
        wait_a_while();
        let report = future::block_on(shutdown.drain());
        assert_eq!(report, other.join().unwrap());
        assert_eq!(report.clean, opened(clients).len());
    });
}
