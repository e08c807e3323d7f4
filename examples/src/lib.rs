//! Shared parts of the examples: the address, the log, and the files of the pages.

use std::{env, io, net::SocketAddr};

use ignitia::prelude::*;
use tracing_subscriber::EnvFilter;

/// Writes logs to stderr, at level `info` unless `RUST_LOG` is set.
pub fn init_logging() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).init();
}

/// Returns the address to listen on: 127.0.0.1 with the port of the variable `PORT`, by default
/// 3000. Port 0 is any free port.
///
/// # Errors
///
/// [`Error::is_address`] if `PORT` is not a port.
pub fn address() -> Result<SocketAddr> {
    let port = env::var("PORT").unwrap_or_else(|_| "3000".into());
    Ok(format!("127.0.0.1:{port}").parse()?)
}

/// Prints the URL of the example to stdout. Call it once the example listens: tests wait for this
/// line.
pub fn announce(scheme: &str, addr: SocketAddr) {
    println!("listening on {scheme}://{addr}");
}

/// Routes of the files that pages load: `/reconnect.js`, `/state_view.js`, `/wire_log.js` and
/// `/style.css`.
pub fn assets() -> Router {
    Router::new()
        .get("/reconnect.js", || async { script(include_str!("reconnect.js")) })
        .get("/state_view.js", || async { script(include_str!("state_view.js")) })
        .get("/wire_log.js", || async { script(include_str!("wire_log.js")) })
        .get("/style.css", || async {
            ([("content-type", "text/css; charset=utf-8")], include_str!("style.css"))
        })
}

fn script(text: impl IntoResponse) -> impl IntoResponse {
    ([("content-type", "text/javascript; charset=utf-8")], text)
}

/// Routes of a page at `/` that sends typed messages to the WebSocket at `/ws`, for examples
/// without a page of their own. The hint is HTML.
pub fn console(title: &str, hint: &str) -> Router {
    let page = include_str!("console.html").replace("{{title}}", title).replace("{{hint}}", hint);
    assets().get("/", || async { Response::html(page) })
}
