//! Shows a WebSocket route in an axum application, with axum's state, layers and server.
//!
//! ```text
//! cargo run -p examples --bin axum_app
//! ```
//!
//! Open <http://127.0.0.1:3000> in two tabs and count.

use std::io;

use axum::{
    Extension,
    extract::State,
    response::Html,
    routing::{get, post},
};
use ignitia::{Response, ResponseExt as _, Result, RouterExt as _, Shutdown, WebSocketConnection};
use tokio::{net::TcpListener, signal, sync::watch};
use tower_http::trace::TraceLayer;

/// A counter that pages watch. A watch channel has no lag: a slow receiver skips to the latest
/// value, and only that one matters here. (For events that all matter, see `chat.rs`.)
type Counter = watch::Sender<u64>;

async fn count(State(counter): State<Counter>) {
    counter.send_modify(|count| *count += 1);
}

async fn current(State(counter): State<Counter>) -> String {
    counter.borrow().to_string()
}

async fn live(State(counter): State<Counter>, mut ws: WebSocketConnection) -> Result<Response> {
    let mut counts = counter.subscribe();
    counts.mark_changed(); // send the current value first
    loop {
        tokio::select! {
            Ok(()) = counts.changed() => {
                let count = counts.borrow_and_update().to_string();
                ws.send_text(count).await?;
            }
            // Pages send nothing, but `recv` reports that one has disconnected.
            message = ws.recv() => if message.is_none_or(|message| message.is_close()) {
                return Ok(Response::ok());
            },
        }
    }
}

/// Waits for Ctrl-C, or for the SIGTERM that service managers send.
async fn stop() -> io::Result<()> {
    let mut terminate = signal::unix::signal(signal::unix::SignalKind::terminate())?;
    tokio::select! {
        interrupted = signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    examples::init_logging();
    let shutdown = Shutdown::new();
    let app = axum::Router::new()
        .route("/", get(Html(include_str!("axum_app.html"))))
        .route("/count", post(count).get(current))
        .websocket("/ws", live) // a method of `RouterExt`
        .with_state(Counter::new(0))
        .merge(examples::assets().into_axum()?)
        // Layers see the handshake of a WebSocket: the request, and the 101 or the refusal.
        .layer(TraceLayer::new_for_http())
        // Drains the WebSockets of all routes. axum does not track connections once they are
        // upgraded.
        .layer(Extension(shutdown.clone()));

    let listener = TcpListener::bind(examples::address()?).await?;
    examples::announce("http", listener.local_addr()?);

    // After the signal comes the notice. Then both shut down at once: axum stops accepting and
    // finishes its requests, and every WebSocket is closed.
    let begun = shutdown.clone();
    let server = axum::serve(listener, app).with_graceful_shutdown(async move { begun.draining().await });
    let drain = async {
        stop().await?;
        // From now on a route with `health::readyz` fails. axum accepts until the drain begins.
        shutdown.notice().await;
        Ok(shutdown.drain().await)
    };
    let (_, report) = tokio::try_join!(server.into_future(), drain)?;
    tracing::info!(clean = report.clean, unclean = report.unclean, aborted = report.aborted, "drained");
    Ok(())
}
