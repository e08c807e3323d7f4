//! What an orchestrator asks: whether the process lives, and whether it is ready for new connections.
//!
//! ```
//! use ignitia::{health, prelude::*};
//!
//! let router = Router::new().get("/livez", health::livez).get("/readyz", health::readyz);
//! ```

use axum::Extension;
use http::StatusCode;

use crate::shutdown::Shutdown;

/// 200, as long as requests are answered at all.
pub async fn livez() -> &'static str {
    "alive"
}

/// 200, and 503 as soon as a drain has begun: send new connections elsewhere. It is the drain of the router that this is a
/// route of, or of the server.
pub async fn readyz(shutdown: Option<Extension<Shutdown>>) -> (StatusCode, &'static str) {
    match shutdown {
        Some(Extension(shutdown)) if shutdown.is_draining() => (StatusCode::SERVICE_UNAVAILABLE, "draining"),
        _ => (StatusCode::OK, "ready"),
    }
}
