//! Models of concurrent use of connections and rooms. The scheduler chooses a thread at every lock
//! and every atomic, and detects deadlocks. `MODEL_RUNS` is the number of schedules per scheduler.

mod connection;
mod drain;
mod rooms;

use std::{future::Future, sync::LazyLock};

use ignitia_modelled::{
    Shutdown, StatusCode, WebSocketConnection,
    harness::{self, ModelPeer, PeerFrame},
    websocket::WebSocketConfig,
};
use shuttle::{
    Config, Runner, future,
    scheduler::{PctScheduler, RandomScheduler},
    thread,
};

/// Runtime for the timers of connections. It never runs: no model waits for a timer.
static TIMERS: LazyLock<tokio::runtime::Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap());

/// Runs a model with random schedules, and with schedules of few but adverse preemptions.
fn explore(model: fn()) {
    let runs = std::env::var("MODEL_RUNS").map_or(400, |runs| runs.parse().unwrap());
    let _timers = TIMERS.enter();
    let mut config = Config::new();
    // Without optimization, hyper and axum need more stack than shuttle's default.
    config.stack_size = 1 << 20;
    Runner::new(RandomScheduler::new(runs), config.clone()).run(model);
    Runner::new(PctScheduler::new(4, runs), config).run(model);
}

/// Opens a connection and spawns its task. The handler gets a handle of its own.
fn connect<H, F>(
    config: WebSocketConfig,
    handler: H,
) -> (ModelPeer, WebSocketConnection, future::JoinHandle<()>)
where
    H: FnOnce(WebSocketConnection) -> F,
    F: Future<Output = StatusCode> + Send + 'static,
{
    let (peer, handle, task) = harness::connect(config, &Shutdown::new(), handler);
    (peer, handle, future::spawn(task))
}

/// A handler that receives every message.
async fn listen(mut ws: WebSocketConnection) -> StatusCode {
    while ws.recv().await.is_some() {}
    StatusCode::OK
}

/// Runs a future in a thread of its own.
fn spawn<F>(task: F) -> thread::JoinHandle<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    thread::spawn(move || future::block_on(task))
}

/// Returns the texts among the frames.
fn texts(frames: &[PeerFrame]) -> Vec<&str> {
    frames
        .iter()
        .filter_map(|frame| if let PeerFrame::Text(text) = frame { Some(&text[..]) } else { None })
        .collect()
}
