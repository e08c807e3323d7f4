//! Health checks for orchestrators and load balancers: liveness and readiness.
//!
//! ```
//! use ignitia::{health, prelude::*};
//!
//! let router = Router::new().get("/livez", health::livez).get("/readyz", health::readyz);
//! ```

use axum::Extension;
use http::StatusCode;

use crate::shutdown::Shutdown;

/// Liveness check: 200, as long as the server answers requests at all.
pub async fn livez() -> &'static str {
    "alive"
}

/// Readiness check: 200, or 503 as soon as notice of a drain is given or the drain has begun. Then
/// new connections should go to another server.
///
/// It looks at the [`Shutdown`] of the router that has this route, or of the server.
/// [`DrainConfig`](crate::DrainConfig#settings-for-operators) has the settings for operators.
pub async fn readyz(shutdown: Option<Extension<Shutdown>>) -> (StatusCode, &'static str) {
    match shutdown {
        Some(Extension(shutdown)) if !shutdown.is_ready() => (StatusCode::SERVICE_UNAVAILABLE, "draining"),
        _ => (StatusCode::OK, "ready"),
    }
}
