//! A drain that begins while connections are being upgraded. Each connection must be refused, or
//! closed and counted once, and the drain must return once no handler runs.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use ignitia_modelled::{
    DrainConfig, Router, Shutdown, StatusCode, WebSocketConnection,
    harness::{self, PeerFrame},
    websocket::WebSocketConfig,
};
use shuttle::{
    future,
    rand::{Rng, thread_rng},
    thread,
};

use crate::{explore, listen, spawn};

/// Paths of handlers that decide at once, later, and never.
const PATHS: [&str; 3] = ["/at-once", "/later", "/never"];

/// Number of running handlers.
#[derive(Clone, Default)]
struct HandlerCount(Arc<AtomicUsize>);

impl HandlerCount {
    fn enter(&self) -> Self {
        self.0.fetch_add(1, Ordering::Relaxed);
        self.clone()
    }

    fn leave(&self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }

    fn running(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

fn routes(shutdown: &Shutdown, handlers: &HandlerCount) -> axum::Router {
    let [at_once, later, never] = [(); 3].map(|()| handlers.clone());
    Router::new()
        .websocket(PATHS[0], move |ws| counted(at_once.enter(), listen(ws)))
        .websocket(PATHS[1], move |ws| counted(later.enter(), decide_later(ws)))
        .websocket(PATHS[2], move |ws| counted(never.enter(), never_decide(ws)))
        // Timers never fire in the models.
        .websocket_config(WebSocketConfig::default().decision_window(None))
        .shutdown(shutdown.clone())
        .into_axum()
        .unwrap()
}

async fn counted(handlers: HandlerCount, handler: impl Future<Output = StatusCode>) -> StatusCode {
    struct CountGuard(HandlerCount);

    impl Drop for CountGuard {
        fn drop(&mut self) {
            self.0.leave();
        }
    }

    let _guard = CountGuard(handlers);
    handler.await
}

async fn decide_later(ws: WebSocketConnection) -> StatusCode {
    future::yield_now().await;
    future::yield_now().await;
    listen(ws).await
}

async fn never_decide(_ws: WebSocketConnection) -> StatusCode {
    std::future::pending().await
}

/// Returns a shutdown that closes all connections at the same time.
fn shutdown() -> Shutdown {
    Shutdown::with_config(DrainConfig::default().jitter(Duration::ZERO))
}

/// A client's view: the status, and the frames after a 101.
type ClientView = (u16, Vec<PeerFrame>);

/// Opens clients of these paths. Each client and each server task has a thread of its own.
fn clients(
    paths: &[&'static str],
    shutdown: &Shutdown,
    handlers: &HandlerCount,
) -> Vec<thread::JoinHandle<ClientView>> {
    let routes = routes(shutdown, handlers);
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

/// Gives the other threads time to proceed: a drain at the start would find no connection.
fn yield_often() {
    yield_randomly(400);
}

fn yield_randomly(max_turns: usize) {
    for _ in 0..thread_rng().gen_range(0..max_turns) {
        thread::yield_now();
    }
}

/// Returns the frames of the clients that were upgraded.
fn opened(clients: Vec<thread::JoinHandle<ClientView>>) -> Vec<Vec<PeerFrame>> {
    let seen = clients.into_iter().map(|client| client.join().unwrap());
    let opened = seen.filter_map(|(status, frames)| match status {
        101 => Some(frames),
        503 => None,
        other => panic!("{other} is neither an upgrade nor a refusal"),
    });
    opened.collect()
}

#[test]
fn a_connection_upgraded_while_a_drain_begins_is_refused_or_closed_and_counted() {
    /// Number of runs by the number of upgrades: at most two, since one handler never decides.
    static OPENED: [AtomicUsize; 3] = [const { AtomicUsize::new(0) }; 3];

    explore(|| {
        let (shutdown, handlers) = (shutdown(), HandlerCount::default());
        let clients = clients(&PATHS, &shutdown, &handlers);
        yield_often();
        let report = future::block_on(shutdown.drain());
        assert_eq!(handlers.running(), 0, "the drain has not waited for handlers");
        let opened = opened(clients);
        assert!(opened.iter().all(|frames| *frames == [PeerFrame::Close(Some(1001))]), "{opened:?}");
        assert_eq!((report.clean, report.aborted), (opened.len(), 0));
        assert_eq!(handlers.running(), 0, "a handler has escaped the drain");
        OPENED[opened.len()].fetch_add(1, Ordering::Relaxed);
    });
    let seen = OPENED.each_ref().map(|runs| runs.load(Ordering::Relaxed));
    assert!(seen.iter().all(|runs| *runs > 0), "not every number of upgrades was tried: {seen:?}");
}

/// Races one handshake with the drain, which begins between any two of its steps.
#[test]
fn no_handler_escapes_a_drain() {
    explore(|| {
        let (shutdown, handlers) = (shutdown(), HandlerCount::default());
        let clients = clients(&PATHS[..1], &shutdown, &handlers);
        yield_randomly(60);
        let report = future::block_on(shutdown.drain());
        assert_eq!(handlers.running(), 0, "the drain has not waited for a handler");
        assert_eq!(report.clean, opened(clients).len());
    });
}

#[test]
fn a_connection_upgraded_while_a_drain_is_aborted_is_counted_once() {
    explore(|| {
        let (shutdown, handlers) = (shutdown(), HandlerCount::default());
        let clients = clients(&PATHS, &shutdown, &handlers);
        let abort = {
            let shutdown = shutdown.clone();
            thread::spawn(move || {
                yield_often();
                shutdown.abort();
            })
        };
        yield_often();
        let report = future::block_on(shutdown.drain());
        assert_eq!(handlers.running(), 0, "the drain has not waited for handlers");
        let opened = opened(clients);
        for frames in &opened {
            assert!(
                matches!(frames[..], [] | [PeerFrame::Truncated] | [PeerFrame::Close(Some(1001))]),
                "{frames:?}"
            );
        }
        assert_eq!(report.clean + report.aborted, opened.len());
        assert_eq!(handlers.running(), 0, "a handler has escaped the drain");
        abort.join().unwrap();
    });
}

/// Two callers wait for one drain: both receive the whole report.
#[test]
fn two_callers_of_drain_receive_the_same_report() {
    explore(|| {
        let (shutdown, handlers) = (shutdown(), HandlerCount::default());
        let clients = clients(&PATHS, &shutdown, &handlers);
        let other = {
            let shutdown = shutdown.clone();
            spawn(async move {
                yield_often();
                shutdown.drain().await
            })
        };
        yield_often();
        let report = future::block_on(shutdown.drain());
        assert_eq!(report, other.join().unwrap());
        assert_eq!(report.clean, opened(clients).len());
    });
}

/// A watch that has seen the drain still has to be woken for the abort, however closely the two
/// follow each other.
#[test]
fn a_watch_is_woken_for_the_drain_and_for_the_abort() {
    explore(|| {
        let shutdown = shutdown();
        let watches = [(); 2].map(|()| {
            let shutdown = shutdown.clone();
            spawn(async move { harness::watch_until_abort(&shutdown).await })
        });
        let drain = {
            let shutdown = shutdown.clone();
            spawn(async move { shutdown.drain().await })
        };
        yield_randomly(10);
        shutdown.abort();
        for watch in watches {
            watch.join().unwrap();
        }
        drain.join().unwrap();
    });
}
