//! What the examples share: where they listen, where they log, and the files of their pages.

use std::{env, io, net::SocketAddr};

use ignitia::prelude::*;
use tracing_subscriber::EnvFilter;

/// Logs go to stderr, at level `info` unless `RUST_LOG` says otherwise.
pub fn init_logging() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).init();
}

/// Where to listen: 127.0.0.1, at the port that the variable `PORT` names, by default 3000; 0 is any free one.
///
/// # Errors
///
/// [`Error::is_address`] if `PORT` is not a port.
pub fn address() -> Result<SocketAddr> {
    let port = env::var("PORT").unwrap_or_else(|_| "3000".into());
    Ok(format!("127.0.0.1:{port}").parse()?)
}

/// Says on stdout where the example can be reached. Call it once it listens: tests wait for this line.
pub fn announce(scheme: &str, addr: SocketAddr) {
    println!("listening on {scheme}://{addr}");
}

/// What the pages have in common: `/reconnect.js` and `/style.css`.
pub fn assets() -> Router {
    Router::new()
        .get("/reconnect.js", || async {
            ([("content-type", "text/javascript; charset=utf-8")], include_str!("reconnect.js"))
        })
        .get("/style.css", || async {
            ([("content-type", "text/css; charset=utf-8")], include_str!("style.css"))
        })
}

/// A page at `/` to type messages for the WebSocket at `/ws`, for examples that have no page of their own.
pub fn console(title: &str, hint: &str) -> Router {
    let page = include_str!("console.html").replace("{{title}}", title).replace("{{hint}}", hint);
    assets().get("/", || async { Response::html(page) })
}
