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

/// 200, and 503 as soon as notice of a drain is given or one has begun: send new connections elsewhere. It is the drain of the
/// router that this is a route of, or of the server. What an operator has to set stands at
/// [`DrainConfig`](crate::DrainConfig#what-operators-set).
pub async fn readyz(shutdown: Option<Extension<Shutdown>>) -> (StatusCode, &'static str) {
    match shutdown {
        Some(Extension(shutdown)) if !shutdown.is_ready() => (StatusCode::SERVICE_UNAVAILABLE, "draining"),
        _ => (StatusCode::OK, "ready"),
    }
}
