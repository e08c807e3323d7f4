//! What several threads do to a connection, and to rooms, in many orders: the scheduler chooses at every lock and every
//! atomic, and notices when everybody waits for ever. `MODEL_RUNS` says how many orders are tried.

mod connection;
mod drain;
mod rooms;

use std::{future::Future, sync::LazyLock};

use ignitia_modelled::{
    Shutdown, StatusCode, WebSocketConnection,
    harness::{self, Frame, Peer},
    websocket::WebSocketConfig,
};
use shuttle::{
    Config, Runner, future,
    scheduler::{PctScheduler, RandomScheduler},
    thread,
};

/// Connections set timers. Nobody turns this runtime's: no model waits for the time.
static CLOCK: LazyLock<tokio::runtime::Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap());

/// Tries a model in random orders, and in orders with few but unlucky changes of turn.
fn explore(model: fn()) {
    let runs = std::env::var("MODEL_RUNS").map_or(400, |runs| runs.parse().unwrap());
    let _clock = CLOCK.enter();
    let mut config = Config::new();
    // Without optimisation, hyper and axum below a handler take more than shuttle's threads have.
    config.stack_size = 1 << 20;
    Runner::new(RandomScheduler::new(runs), config.clone()).run(model);
    Runner::new(PctScheduler::new(4, runs), config).run(model);
}

/// An open connection whose task is run, and its peer. The handler gets a handle of its own.
fn connect<H, F>(config: WebSocketConfig, handler: H) -> (Peer, WebSocketConnection, future::JoinHandle<()>)
where
    H: FnOnce(WebSocketConnection) -> F,
    F: Future<Output = StatusCode> + Send + 'static,
{
    let (peer, handle, task) = harness::connect(config, &Shutdown::new(), handler);
    (peer, handle, future::spawn(task))
}

/// A handler that takes whatever comes.
async fn listen(mut ws: WebSocketConnection) -> StatusCode {
    while ws.recv().await.is_some() {}
    StatusCode::OK
}

/// Runs what waits, in a thread of its own.
fn spawn<F>(task: F) -> thread::JoinHandle<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    thread::spawn(move || future::block_on(task))
}

fn texts(frames: &[Frame]) -> Vec<&str> {
    frames
        .iter()
        .filter_map(|frame| if let Frame::Text(text) = frame { Some(&text[..]) } else { None })
        .collect()
}
