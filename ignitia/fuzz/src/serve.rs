//! One connection from its first byte to its end, on a clock that is never waited for.

use std::{future::Future, time::Duration};

use axum::Router;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
    service::TowerToHyperService,
};
use ignitia::Shutdown;

use crate::wire::{Piece, Wire};

/// Longer than everything that has a limit by default, one after the other.
const NEVER: Duration = Duration::from_secs(3_600);

/// Runs to its end what an input brings about. The clock stands still while anything can go on, and jumps otherwise.
pub fn simulate<F: Future>(run: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime without I/O needs nothing").block_on(run)
}

/// Serves what a client sends in these pieces, HTTP/1.1 or HTTP/2, and gives what it is sent. The client waits for all of it
/// before it leaves. The routes have `shutdown`.
///
/// # Panics
///
/// If the connection, or what came of it, does not end although its client is gone.
pub async fn serve(
    routes: Router,
    shutdown: &Shutdown,
    pieces: impl IntoIterator<Item = Piece>,
    width: u8,
) -> Vec<u8> {
    let (wire, sent, done) = Wire::new(pieces.into_iter().chain([Piece::Pause]), width);
    let mut server = auto::Builder::new(TokioExecutor::new());
    server.http1().timer(TokioTimer::new());
    server.http2().timer(TokioTimer::new()).enable_connect_protocol();
    let end = async {
        // What is wrong with HTTP is hyper's to answer.
        let _ =
            server.serve_connection_with_upgrades(TokioIo::new(wire), TowerToHyperService::new(routes)).await;
        let _ = done.await;
    };
    tokio::time::timeout(NEVER, end).await.expect("the connection outlives its client");
    let report = shutdown.drain().await;
    assert_eq!(report.aborted, 0, "a handler outlives its client");
    std::mem::take(&mut *sent.lock())
}
