//! Simulation of one connection from its first byte to its end, with a paused clock.

use std::{future::Future, time::Duration};

use axum::Router;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
    service::TowerToHyperService,
};
use ignitia::Shutdown;

use crate::scripted_stream::{Piece, ScriptedStream};

/// Time limit, longer than all default timeouts together.
const TIMEOUT: Duration = Duration::from_secs(3_600);

/// Runs a future to its end. The clock stands still while any task is ready, and jumps otherwise.
pub fn simulate<F: Future>(run: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime without I/O needs nothing").block_on(run)
}

/// Serves a client that sends these pieces over HTTP/1.1 or HTTP/2, and returns the bytes that it
/// receives. The client disconnects after the last response. The routes must use `shutdown`.
///
/// # Panics
///
/// If the connection or a handler does not end after the client has disconnected.
pub async fn serve(
    routes: Router,
    shutdown: &Shutdown,
    pieces: impl IntoIterator<Item = Piece>,
    width: u8,
) -> Vec<u8> {
    let (stream, sent, done) = ScriptedStream::new(pieces.into_iter().chain([Piece::Pause]), width);
    let mut server = auto::Builder::new(TokioExecutor::new());
    server.http1().timer(TokioTimer::new());
    server.http2().timer(TokioTimer::new()).enable_connect_protocol();
    let end = async {
        // hyper answers errors of HTTP.
        let _ = server
            .serve_connection_with_upgrades(TokioIo::new(stream), TowerToHyperService::new(routes))
            .await;
        let _ = done.await;
    };
    tokio::time::timeout(TIMEOUT, end).await.expect("the connection outlives its client");
    let report = shutdown.drain().await;
    assert_eq!(report.aborted, 0, "a handler outlives its client");
    std::mem::take(&mut *sent.lock())
}
